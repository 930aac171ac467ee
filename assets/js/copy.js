// A button with data-copy copies that text, or the page's address when it is empty, and says data-copied.
export function copying(root) {
	if (!navigator.clipboard) return;
	for (const button of root.querySelectorAll("[data-copy]")) {
		button.hidden = false;
		const before = button.textContent;
		button.addEventListener("click", async () => {
			await navigator.clipboard.writeText(button.dataset.copy ? new URL(button.dataset.copy, location.href).href : location.href);
			button.textContent = button.dataset.copied ?? before;
			setTimeout(() => { button.textContent = before; }, 2500);
		});
	}
}
