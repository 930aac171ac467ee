// <details data-confirm> asks before it acts; here the question becomes a dialog.
export function confirmations(root) {
	for (const box of root.querySelectorAll("details[data-confirm]")) {
		const summary = box.querySelector("summary");
		const form = box.querySelector("form");
		summary.addEventListener("click", (event) => {
			event.preventDefault();
			ask(form, box.dataset.cancel, summary);
		});
	}
}

function ask(form, cancelText, opener) {
	const home = form.parentElement;
	const dialog = document.createElement("dialog");
	dialog.className = "ask";
	dialog.setAttribute("aria-label", opener.textContent.trim());
	const cancel = document.createElement("button");
	cancel.type = "button";
	cancel.className = "secondary";
	cancel.textContent = cancelText;
	cancel.addEventListener("click", () => dialog.close());
	dialog.append(form);
	form.querySelector("button").after(" ", cancel);
	dialog.addEventListener("close", () => {
		cancel.remove();
		home.append(form);
		dialog.remove();
		opener.focus();
	});
	document.body.append(dialog);
	dialog.showModal();
	cancel.focus();
}
