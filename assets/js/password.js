// A password field with data-reveal gets a button that shows what is typed.
export function passwords(root) {
	for (const input of root.querySelectorAll("input[data-reveal]")) {
		const button = document.createElement("button");
		button.type = "button";
		button.className = "link reveal";
		button.textContent = input.dataset.reveal;
		button.setAttribute("aria-controls", input.id);
		button.addEventListener("click", () => {
			const hidden = input.type === "password";
			input.type = hidden ? "text" : "password";
			button.textContent = hidden ? input.dataset.conceal : input.dataset.reveal;
		});
		input.form?.addEventListener("submit", () => { input.type = "password"; });
		input.after(button);
	}
}
