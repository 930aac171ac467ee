// A block of cells as spreadsheets put it on the clipboard: rows by line, cells by tab, quotes around a cell that holds either.
export function rowsOf(text) {
	const rows = [[""]];
	let quoted = false;
	for (let i = 0; i < text.length; i++) {
		const c = text[i], row = rows.at(-1);
		if (quoted) {
			if (c === '"' && text[i + 1] === '"') row[row.length - 1] += text[i++];
			else if (c === '"') quoted = false;
			else row[row.length - 1] += c;
		} else if (c === '"' && row.at(-1) === "") quoted = true;
		else if (c === "\t") row.push("");
		else if (c === "\n" || c === "\r" && text[i + 1] !== "\n") rows.push([""]);
		else if (c !== "\r") row[row.length - 1] += c;
	}
	if (rows.length > 1 && rows.at(-1).join("") === "") rows.pop();
	return rows.map((r) => r.map((c) => c.replace(/\s+/g, " ").trim()));
}

// aim lays a block over the cells of a sheet from the one where the cursor stands. A block of one column goes down the rows as
// they stand. One that names each row's cell by its code (as the sheet's own files do) finds its cells by that. Anything else
// has another shape than the sheet. It answers {puts: [[key, text]], skipped: [{cell, why}], left, wrong}.
export function aim(rows, cells, from) {
	const byKey = new Map(cells.map((c) => [c.key, c]));
	const width = Math.max(...rows.map((r) => r.length));
	const codeAt = rows[0].findIndex((_, i) => rows.every((r) => byKey.has((r[i] ?? "").toUpperCase())));
	let pairs;
	let left = 0;
	if (width === 1) {
		const start = cells.findIndex((c) => c.key === from);
		pairs = rows.map((r, i) => [cells[start + i], r[0]]);
		left = pairs.filter(([c]) => !c).length;
		pairs = pairs.filter(([c]) => c);
	} else if (codeAt >= 0 && (width === 2 || codeAt === 0 && rows.every((r) => r.length === width))) {
		pairs = rows.map((r) => [byKey.get(r[codeAt].toUpperCase()), width === 2 ? r[1 - codeAt] ?? "" : r[width - 1]]);
	} else {
		return { puts: [], skipped: [], left: 0, wrong: { rows: rows.length, columns: width } };
	}
	const puts = [], skipped = [];
	for (const [cell, text] of pairs) {
		if (!cell.shut) puts.push([cell.key, text]);
		else if (text !== "") skipped.push({ cell, why: cell.shut });
	}
	return { puts, skipped, left };
}
