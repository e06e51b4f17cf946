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
