// What makes a page more comfortable; every page works without it.
import { confirmations } from "./confirm.js";
import { copying } from "./copy.js";
import { drops } from "./drop.js";
import { passkeys } from "./passkey.js";
import { passwords } from "./password.js";
import { slips } from "./slip.js";
import { textSize } from "./textsize.js";
import { wiping } from "./wipe.js";

export function enhance(root) {
	confirmations(root);
	copying(root);
	drops(root, enhance);
	passkeys(root);
	passwords(root);
	textSize(root);
	slips(root);
	wiping(root);
	root.querySelector("[data-focus]")?.focus();
	for (const button of root.querySelectorAll("[data-print]")) {
		button.hidden = false;
		button.addEventListener("click", () => window.print());
	}
}

enhance(document);
