// Buttons with data-text-size ("s", "", "l", "xl") set the size of the text; the choice stays in this browser.
const sizes = ["s", "l", "xl"];

export function textSize(root) {
	const buttons = [...root.querySelectorAll("[data-text-size]")];
	const set = (size) => {
		for (const s of sizes) document.documentElement.classList.toggle("text-" + s, s === size);
		for (const b of buttons) b.setAttribute("aria-pressed", String(b.dataset.textSize === size));
	};
	set(read());
	for (const button of buttons) {
		button.hidden = false;
		button.addEventListener("click", () => {
			set(button.dataset.textSize);
			try {
				localStorage.setItem("text-size", button.dataset.textSize);
			} catch {
				// the browser keeps nothing: the choice holds for this page
			}
		});
	}
}

function read() {
	try {
		return localStorage.getItem("text-size") ?? "";
	} catch {
		return "";
	}
}
