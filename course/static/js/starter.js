// Puts a sentence starter into its box. Binds [data-starters], whose value is the id of the box.
for (const part of document.querySelectorAll("[data-starters]")) {
  const box = document.getElementById(part.dataset.starters);
  if (!box) continue;
  part.classList.add("ready");
  for (const item of part.querySelectorAll("li")) {
    const button = document.createElement("button"), words = item.textContent.trim();
    button.type = "button";
    button.className = "starter";
    button.textContent = words;
    button.addEventListener("click", () => {
      const before = box.value.trimEnd();
      box.value = (before ? before + "\n\n" : "") + words.replace(/\s*(…|\.\.\.)$/, "") + " ";
      box.focus();
      box.setSelectionRange(box.value.length, box.value.length);
      box.dispatchEvent(new Event("input", { bubbles: true }));
    });
    item.replaceChildren(button);
  }
}
