// [data-drop] takes files that are dropped on it; a form with data-progress shows how much of them has been sent. The
// server answers such a form's redirect with its address in X-Location, since following it here would use up the message
// that stands once on the next page.
export function drops(root, enhance) {
	for (const area of root.querySelectorAll("[data-drop]")) {
		const input = area.querySelector("input[type=file]");
		const state = area.querySelector("[data-drop-state]");
		area.querySelector("[data-drop-hint]").hidden = false;
		for (const name of ["dragenter", "dragover"]) {
			area.addEventListener(name, (event) => {
				event.preventDefault();
				area.classList.add("over");
			});
		}
		area.addEventListener("dragleave", () => area.classList.remove("over"));
		area.addEventListener("drop", (event) => {
			event.preventDefault();
			area.classList.remove("over");
			if (!event.dataTransfer.files.length) return;
			input.files = event.dataTransfer.files;
			input.dispatchEvent(new Event("change", { bubbles: true }));
		});
		input.addEventListener("change", () => {
			const files = [...input.files];
			const size = files.reduce((sum, f) => sum + f.size, 0);
			const tooLarge = size > Number(area.dataset.limit);
			area.toggleAttribute("data-refused", tooLarge);
			state.textContent = tooLarge ? area.dataset.tooLarge : files.map((f) => f.name).join(", ");
		});
		const form = input.form;
		form?.addEventListener("submit", (event) => {
			if (area.hasAttribute("data-refused")) {
				event.preventDefault();
				input.focus();
			}
		});
		if (form?.hasAttribute("data-progress")) {
			form.addEventListener("submit", (event) => {
				if (event.defaultPrevented) return;
				event.preventDefault();
				send(form, event.submitter, area, state, enhance);
			});
		}
	}
}

function send(form, submitter, area, state, enhance) {
	const progress = document.createElement("progress");
	progress.max = 100;
	progress.value = 0;
	progress.setAttribute("aria-label", area.dataset.sending);
	state.after(progress);
	const buttons = [...form.querySelectorAll("button")];
	const request = new XMLHttpRequest();
	request.upload.addEventListener("progress", (event) => {
		if (!event.lengthComputable) return;
		progress.value = Math.floor((event.loaded / event.total) * 100);
		state.textContent = `${area.dataset.sending} ${progress.value} %`;
	});
	const plainly = () => form.submit(); // the browser's own way tells best what is wrong with the line
	request.addEventListener("error", plainly);
	request.addEventListener("load", () => {
		const next = request.getResponseHeader("X-Location");
		if (next) {
			location.assign(next);
			return;
		}
		const page = new DOMParser().parseFromString(request.responseText, "text/html");
		document.title = page.title;
		document.body.replaceWith(page.body);
		history.replaceState(null, "", form.action);
		window.scrollTo(0, 0);
		enhance(document);
		if (document.activeElement === document.body) document.querySelector("main")?.focus();
	});
	request.open("POST", form.action);
	request.setRequestHeader("X-Progress", "1");
	request.send(new FormData(form, submitter));
	for (const b of buttons) b.disabled = true;
}
