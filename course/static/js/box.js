// What helps around a box, each part bound by its own attribute: counted words, first words to borrow, a file's size.

// Counts words under a box. Binds textarea[data-words], "100-300" or "60"; speaks only when typing has stopped.
for (const box of document.querySelectorAll("textarea[data-words]")) {
  const line = document.createElement("p");
  const [least, most] = box.dataset.words.split("-");
  const aim = least && most ? `${least} to ${most}` : most ? `up to ${most}` : box.dataset.words.includes("-") ? `${least} or more` : `about ${least}`;
  let timer;
  const count = () => {
    const words = (box.value.match(/\S+/g) || []).length;
    line.textContent = `${words} ${words === 1 ? "word" : "words"}. Aim for ${aim}.`;
  };
  line.className = "count";
  line.setAttribute("aria-live", "polite");
  box.after(line);
  box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(count, 1000); });
  count();
}

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

// Says that a file is too large before it travels. Binds input[type=file][data-largest], in bytes; the server decides.
const size = (bytes) => `${Math.max(1, Math.round(bytes / 1048576))} MB`;
for (const box of document.querySelectorAll("input[type=file][data-largest]")) {
  const line = document.createElement("p");
  line.className = "error";
  line.setAttribute("role", "status");
  box.before(line);
  box.addEventListener("change", () => {
    const largest = Number(box.dataset.largest), big = [...box.files].find((file) => file.size > largest);
    line.textContent = big ? `${big.name} is ${size(big.size)}. Choose a file of ${size(largest)} or less.` : "";
  });
}
