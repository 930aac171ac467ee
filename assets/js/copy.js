// A button with data-copy copies that address, or the page's when it is empty; one with data-copy-text copies that text. Both
// say data-copied.
export function copying(root) {
	if (!navigator.clipboard) return;
	for (const button of root.querySelectorAll("[data-copy], [data-copy-text]")) {
		button.hidden = false;
		const before = button.textContent;
		button.addEventListener("click", async () => {
			await navigator.clipboard.writeText(button.dataset.copyText ?? (button.dataset.copy ? new URL(button.dataset.copy, location.href).href : location.href));
			button.textContent = button.dataset.copied ?? before;
			setTimeout(() => { button.textContent = before; }, 2500);
		});
	}
}
