package rule

// starter are the rules of a new site, over the starter catalogue: what can hardly be true otherwise is hard, what is
// unusual wants a word.
func starter() []Rule {
	return []Rule{
		{Name: "Số kết nạp không quá tổng số hội viên", Expr: "HV01 <= HV03", Severity: Hard,
			Message: "Số hội viên, đoàn viên kết nạp mới lớn hơn tổng số hội viên, đoàn viên cuối kỳ. Hãy kiểm tra lại hai số này."},
		{Name: "Tổ chức thành lập mới không quá tổng số tổ chức", Expr: "HV05 <= HV04", Severity: Hard,
			Message: "Số tổ chức cơ sở thành lập mới lớn hơn tổng số tổ chức cơ sở. Hãy kiểm tra lại hai số này."},
		{Name: "Hộ văn hóa không quá tổng số hộ", Expr: "VH01 <= VH02", Severity: Hard,
			Message: "Số hộ đạt gia đình văn hóa lớn hơn tổng số hộ. Hãy kiểm tra lại hai số này."},
		{Name: "Nợ quá hạn không quá tổng dư nợ", Expr: "TV03 <= TV01", Severity: Hard,
			Message: "Nợ quá hạn lớn hơn tổng dư nợ ủy thác. Hãy kiểm tra lại đơn vị tính của hai số."},
		{Name: "Đảng viên mới là dân quân không quá tổng số kết nạp", Expr: "DV09 <= DV02", Severity: Hard,
			Message: "Số đảng viên mới là dân quân thường trực lớn hơn số đảng viên mới kết nạp."},
		{Name: "Chi Quỹ “Vì người nghèo” không vượt nguồn", Expr: "QV02 <= tổng(QV03[kỳ trước]; QV01)", Severity: Soft,
			Message: "Số chi Quỹ “Vì người nghèo” lớn hơn số dư kỳ trước cộng số thu trong kỳ. Hãy kiểm tra, hoặc nêu nguồn đã chi."},
		{Name: "Kiến nghị được trả lời nhiều hơn kiến nghị đã nêu", Expr: "GS05 <= GS04", Severity: Soft,
			Message: "Số kiến nghị được trả lời lớn hơn số kiến nghị trong kỳ. Hãy nêu có bao nhiêu kiến nghị của kỳ trước."},
		{Name: "Đóng góp tăng đột biến so với cùng kỳ", Expr: "DG01 <= 10 * DG01[cùng kỳ]", Severity: Soft,
			Message: "Tiền Nhân dân đóng góp gấp hơn 10 lần cùng kỳ năm trước. Hãy kiểm tra đơn vị tính (đồng, nghìn đồng, triệu đồng), hoặc nêu lý do."},
		{Name: "Kinh phí một nhà Đại đoàn kết", Expr: "AS08 / AS07 >= 5 triệu và AS08 / AS07 <= 1 tỷ", Severity: Soft,
			Message: "Kinh phí bình quân một nhà Đại đoàn kết dưới 5 triệu đồng hoặc trên 1 tỷ đồng. Hãy kiểm tra số căn và đơn vị tính, hoặc nêu lý do."},
	}
}
