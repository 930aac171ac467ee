package doc

// Kind is the type of a document. Names and abbreviations: Decree 30/2020/NĐ-CP, Annex III, part I.
type Kind int

const (
	// Report is "báo cáo".
	Report Kind = iota
	// Notice is "thông báo", also the notice of a conclusion.
	Notice
	// Summons is "giấy mời", the invitation to a meeting.
	Summons
	// Minutes is "biên bản". It carries no date line: its body says when the meeting began and ended.
	Minutes
	// Dispatch is "công văn": no type line, the subject stands under the number after "V/v".
	Dispatch
	// Plan is "kế hoạch".
	Plan
	// Programme is "chương trình".
	Programme
	// Proposal is "tờ trình".
	Proposal
	// Decision is "quyết định".
	Decision
	// Sheet is a list or statistic issued by itself: "phụ lục".
	Sheet
)

var kinds = map[Kind]struct{ name, state, party string }{
	Report:    {"Báo cáo", "BC", "BC"},
	Notice:    {"Thông báo", "TB", "TB"},
	Summons:   {"Giấy mời", "GM", "GM"},
	Minutes:   {"Biên bản", "BB", "BB"},
	Dispatch:  {"Công văn", "", "CV"}, // a state dispatch's sign is the issuer's alone: "Số: 12/MTTQ-BTT"
	Plan:      {"Kế hoạch", "KH", "KH"},
	Programme: {"Chương trình", "CTr", "CTr"},
	Proposal:  {"Tờ trình", "TTr", "TTr"},
	Decision:  {"Quyết định", "QĐ", "QĐ"},
	Sheet:     {"Phụ lục", "PL", "PL"},
}

// Name is the kind's Vietnamese name, "Báo cáo".
func (k Kind) Name() string { return kinds[k].name }

// Abbreviation is the kind's sign in document numbers of that system, "BC"; a state dispatch has none.
func (k Kind) Abbreviation(s System) string {
	if s == Party {
		return kinds[k].party
	}
	return kinds[k].state
}
