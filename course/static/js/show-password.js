// Lets somebody see the password they type. Binds input[data-show-password]; hides it again when the form is sent.
for (const box of document.querySelectorAll("input[data-show-password]")) {
  const button = document.createElement("button");
  const row = document.createElement("div");
  button.type = "button";
  button.className = "btn second small";
  row.className = "with-button";
  const turn = (seen) => {
    box.type = seen ? "text" : "password";
    button.textContent = seen ? "Hide" : "Show";
    button.setAttribute("aria-label", seen ? "Hide password" : "Show password");
  };
  button.addEventListener("click", () => turn(box.type === "password"));
  if (box.form) box.form.addEventListener("submit", () => turn(false));
  box.before(row);
  row.append(box, button);
  turn(false);
}
