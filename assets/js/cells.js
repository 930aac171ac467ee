// A form of many cells: Enter and the arrows go from row to row, typing into the filter hides rows at once, and leaving
// with unsaved cells asks first. Without this file Enter sends the form and the filter has its button.
const fold = text => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();

for (const form of document.querySelectorAll("form[data-cells]")) {
	const cells = () => [...form.querySelectorAll("input.cell")].filter(c => c.offsetParent);
	let dirty = false;
	form.addEventListener("input", () => { dirty = true; });
	form.addEventListener("submit", () => { dirty = false; });
	addEventListener("beforeunload", e => { if (dirty) e.preventDefault(); });
	form.addEventListener("keydown", e => {
		if (!e.target.matches("input.cell") || e.isComposing || e.ctrlKey || e.altKey || e.metaKey) return;
		const step = { Enter: e.shiftKey ? -1 : 1, ArrowDown: 1, ArrowUp: -1 }[e.key];
		if (!step) return;
		e.preventDefault();
		const all = cells();
		const next = all[all.indexOf(e.target) + step];
		if (next) { next.focus(); next.select(); }
	});
	// Some input methods send the character of a key whose going down was taken: it must not send the form either.
	form.addEventListener("keypress", e => {
		if (e.key === "Enter" && e.target.matches("input.cell")) e.preventDefault();
	});
}

for (const filter of document.querySelectorAll("[data-filter]")) {
	const table = document.getElementById(filter.dataset.filter);
	if (!table) continue;
	filter.addEventListener("input", () => {
		const words = fold(filter.value).split(/\s+/).filter(Boolean);
		for (const body of table.tBodies) {
			let shown = 0;
			for (const row of body.rows) {
				if (!row.dataset.find) continue;
				row.hidden = !words.every(w => row.dataset.find.includes(w));
				if (!row.hidden) shown++;
			}
			for (const head of body.querySelectorAll("tr.group")) head.hidden = shown === 0;
		}
	});
}
