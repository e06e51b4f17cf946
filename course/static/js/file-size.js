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
