// The rules of a unit and period, judged as internal/rule does: exactly, in fractions, and in a logic of three values, since a
// blank is not a zero. testdata/script.json of that house holds cases that both are run on. A piece comes to {number} (null: not
// known) or {truth} (true, false, null: not known).
const gcd = (a, b) => { while (b) [a, b] = [b, a % b]; return a < 0n ? -a : a; };
const ratio = (n, d) => { if (d < 0n) [n, d] = [-n, -d]; const g = gcd(n, d) || 1n; return { n: n / g, d: d / g }; };
const of = (text) => { const [n, d = "1"] = text.split("/"); return ratio(BigInt(n), BigInt(d)); };
const add = (a, b) => ratio(a.n * b.d + b.n * a.d, a.d * b.d);
const minus = (a) => ({ n: -a.n, d: a.d });
const compare = (a, b) => { const x = a.n * b.d, y = b.n * a.d; return x < y ? -1 : x > y ? 1 : 0; };

export const scaled = (value, decimals) => ratio(value, 10n ** BigInt(decimals));

// figure finds what a name stands for. now(address) is the sheet's own cell; beside holds the rest.
function figure(name, now, beside) {
	const [address, when] = name.split("|"), other = beside[name] === undefined ? null : of(beside[name]);
	if (!when) return now(address);
	if (when !== "lũy kế") return other;
	const here = now(address);
	return here && other ? add(here, other) : here ?? other;
}

function evaluate(tree, get) {
	const { op, args = [] } = tree;
	if (op === "number") return { number: of(tree.value) };
	if (op === "cell") return { number: get(tree.cell) };
	if (op === "if") {
		const c = evaluate(args[0], get).truth;
		return c === null ? { number: null, truth: null } : evaluate(args[c ? 1 : 2], get);
	}
	const values = args.map((a) => evaluate(a, get)), [x, y] = values;
	switch (op) {
		case "given": return { truth: x.number != null };
		case "not": return { truth: x.truth === null ? null : !x.truth };
		case "and":
		case "or": {
			const or = op === "or";
			if (values.some((v) => v.truth === or)) return { truth: or };
			return { truth: values.some((v) => v.truth === null) ? null : !or };
		}
		case "total": return { number: values.reduce((sum, v) => (v.number == null ? sum : sum ? add(sum, v.number) : v.number), null) };
	}
	if (values.some((v) => v.number == null)) return { number: null, truth: null };
	const a = x.number, b = y?.number;
	switch (op) {
		case "neg": return { number: minus(a) };
		case "abs": return { number: a.n < 0n ? minus(a) : a };
		case "min": return { number: values.map((v) => v.number).reduce((m, v) => (compare(v, m) < 0 ? v : m)) };
		case "max": return { number: values.map((v) => v.number).reduce((m, v) => (compare(v, m) > 0 ? v : m)) };
		case "+": return { number: add(a, b) };
		case "-": return { number: add(a, minus(b)) };
		case "*": return { number: ratio(a.n * b.n, a.d * b.d) };
		case "/": return { number: b.n === 0n ? null : ratio(a.n * b.d, a.d * b.n) };
	}
	const c = compare(a, b);
	return { truth: { "=": c === 0, "<>": c !== 0, "<": c < 0, "<=": c <= 0, ">": c > 0, ">=": c >= 0 }[op] };
}

// judge answers "kept", "broken", or "unknown" where a figure that the rule needs is missing.
export function judge(tree, now, beside = {}) {
	const { truth } = evaluate(tree, (name) => figure(name, now, beside));
	return truth == null ? "unknown" : truth ? "kept" : "broken";
}
