package doc

import (
	"fmt"

	"giaoban/internal/viet"
)

// The samples are documents of a fictional town. They are the golden documents, and cover each layout and part of the model.

func sampleStateReport() Document {
	rows := []Row{
		{Bold: true, Cells: []Cell{{Runs: []Run{{Text: "I"}}}, {Runs: []Run{{Text: "An sinh xã hội"}}, Span: 4}}},
		{Cells: []Cell{{Runs: []Run{{Text: "1"}}}, {Runs: []Run{{Text: "Quỹ \"Vì người nghèo\" (triệu đồng)"}}},
			{Runs: []Run{{Text: "1.420", Link: "https://giaoban.example/so/abc"}}}, {Runs: []Run{{Text: "1.315"}}}, {Runs: []Run{{Text: "108,0"}}}}},
		Cells("2", "Nhà Đại đoàn kết (căn)", "07", "06", "116,7"),
		Cells("3", "Ngày công lao động", "trên 22.000", "", ""),
	}
	total := Cells("", "Tổng trị giá (triệu đồng)", "3.556,6", "3.100", "114,7")
	return Document{
		System: State, Date: "2020-10-01", Place: "Thị xã An Lĩnh",
		Issuer: Issuer{Parent: "Ủy ban MTTQ Việt Nam\ntỉnh An Hà", Name: "Ủy ban MTTQ Việt Nam\nthị xã An Lĩnh", Sub: "Ban Thường trực"},
		Number: "5", Symbol: "MTTQ-BTT", Kind: Report,
		Subject:    "Kết quả công tác Mặt trận và các tổ chức chính trị - xã hội\nquý III, nhiệm vụ trọng tâm quý IV năm 2020",
		Addressees: []string{"Ủy ban MTTQ Việt Nam tỉnh An Hà", "Thường trực Thị ủy An Lĩnh"},
		Bases:      []string{"Căn cứ Kế hoạch số 21/KH-MTTQ-BTT ngày 10 tháng 01 năm 2020 của Ban Thường trực", "Căn cứ kết quả thực hiện quý III năm 2020 của các tổ chức thành viên"},
		Body: []Block{
			Heading{Level: 0, Number: "Phần I", Text: "Tình hình và kết quả thực hiện"},
			Heading{Level: 1, Number: "I", Text: "Đặc điểm, tình hình"},
			Text("Trong quý III, tình hình tư tưởng của các tầng lớp Nhân dân cơ bản ổn định; cán bộ, đoàn viên, hội viên và Nhân dân phấn khởi trước kết quả phát triển kinh tế - xã hội của địa phương, đồng thuận với chủ trương của cấp ủy và chính quyền."),
			Heading{Level: 1, Number: "II", Text: "Kết quả thực hiện"},
			Heading{Level: 2, Number: "1", Text: "Công tác tuyên truyền, vận động"},
			Runs(Run{Text: "Mặt trận và các tổ chức đã tổ chức "}, Run{Text: "214 buổi", Bold: true, Link: "https://giaoban.example/so/214", Note: "Tổng của 8 xã, phường"},
				Run{Text: " tuyên truyền với "}, Run{Text: "trên 22.300 lượt người", Bold: true, Italic: true}, Run{Text: " tham gia, vận động được 3 tỷ 556,6 triệu đồng và 1.298 phần quà, đạt 116% kế hoạch."}),
			Heading{Level: 2, Number: "2", Text: "Công trình của Nhân dân"},
			Heading{Level: 3, Number: "a", Text: "Cấp thị xã: chưa khởi công công trình mới."},
			Heading{Level: 3, Number: "b", Text: "Khu dân cư:"},
			List{Marks: Letters, Items: Items("Bê tông hóa 12,4 km đường khu dân cư;", "Lắp 356 cột đèn chiếu sáng;", "Trồng 22 tuyến đường hoa;", "Xây 7 nhà Đại đoàn kết;", "Đào 3 km mương thoát nước;", "Dựng 15 cột cờ.")},
			Table{Caption: "Bảng 1. Kết quả chủ yếu quý III năm 2020", Unit: "Tỷ lệ: %",
				Columns: []Column{{Title: "STT", Width: 1, Align: Center}, {Title: "Nội dung", Width: 5}, {Title: "Thực hiện", Width: 2, Align: Right}, {Title: "Kế hoạch", Width: 2, Align: Right}, {Title: "Tỷ lệ", Width: 1.6, Align: Right}},
				Groups:  []Group{{Title: "Quý III năm 2020", From: 2, Span: 3}}, Rows: rows, Total: &total},
			Heading{Level: 1, Number: "III", Text: "Nhiệm vụ trọng tâm quý IV"},
			List{Items: Items("Tổ chức Ngày hội Đại đoàn kết toàn dân tộc ở 60 khu dân cư.", "Hoàn thành 100% kế hoạch Quỹ \"Vì người nghèo\".")},
			Text("Trên đây là báo cáo kết quả công tác quý III năm 2020 của Ban Thường trực Ủy ban MTTQ Việt Nam thị xã."),
		},
		Ending: true,
		Signatures: []Signature{{Authorities: []Authority{{"TM", "Ban Thường trực"}, {"KT", "Chủ tịch"}},
			Office: "Phó Chủ tịch", Name: "Nguyễn Văn Mẫu"}},
		Recipients: []string{"Như trên", "Các tổ chức thành viên"}, Archive: "BTT",
		Annexes: []Annex{{Number: "I", Title: "Số liệu theo xã, phường", Landscape: true, Body: []Block{wideTable(70)}}},
	}
}

func wideTable(rows int) Table {
	t := Table{Columns: []Column{{Title: "STT", Align: Center}, {Title: "Đơn vị", Width: 4}}}
	for i := range 8 {
		t.Columns = append(t.Columns, Column{Title: fmt.Sprintf("Chỉ tiêu %d", i+1), Width: 2, Align: Right})
	}
	for i := range rows {
		r := Cells(fmt.Sprint(i+1), fmt.Sprintf("Khu dân cư số %d", i+1))
		for j := range 8 {
			r.Cells = append(r.Cells, Cell{Runs: []Run{{Text: fmt.Sprint((i+3)*(j+7)%97 + 1)}}})
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}

func sampleConclusion(date string) Document {
	d := Document{
		System: Party, Date: date, Place: "An Lĩnh",
		Issuer: Issuer{Parent: "Tỉnh ủy An Hà", Name: "Thị ủy An Lĩnh"},
		Number: "127", Symbol: "ThU", Kind: Notice,
		Subject: "kết luận của đồng chí Phó Bí thư Thường trực Thị ủy\ntại Hội nghị giao ban quý III năm 2019",
		Body: []Block{
			Text("Ngày 01/10/2019, Thường trực Thị ủy tổ chức Hội nghị giao ban với Ủy ban MTTQ và các tổ chức chính trị - xã hội. Sau khi nghe báo cáo và ý kiến thảo luận, đồng chí Phó Bí thư Thường trực Thị ủy kết luận như sau:"),
			Heading{Level: 2, Number: "1", Text: "Kết quả đạt được"},
			Text("Các tổ chức đã bám sát nhiệm vụ, hoàn thành nhiều chỉ tiêu; vận động được 1,42 tỷ đồng xây dựng công trình."),
			Heading{Level: 2, Number: "2", Text: "Hạn chế"},
			Text("Một số đơn vị gửi báo cáo chậm; 3 mô hình \"Dân vận khéo\" chưa được kiểm tra, hướng dẫn."),
			Heading{Level: 2, Number: "3", Text: "Nhiệm vụ"},
			Runs(Run{Text: "Hội Nông dân thị xã: ", Bold: true}, Run{Text: "chủ trì, phối hợp Hội LHPN rà soát hộ vay vốn, báo cáo trước ngày 15/10/2019."}),
			Text("Giao Văn phòng Thị ủy theo dõi, đôn đốc việc thực hiện Thông báo này."),
		},
		Ending: true,
		Signatures: []Signature{{Authorities: []Authority{{"TM", "Ban Thường vụ"}, {"KT", "Bí thư"}},
			Office: "Phó Bí thư", Name: "Trần Thị Ví Dụ"}},
		Recipients: []string{"Thường trực Thị ủy", "Ủy ban MTTQ và các tổ chức chính trị - xã hội"}, Archive: "Văn phòng Thị ủy",
	}
	if date >= "2026" {
		d.Issuer = Issuer{Parent: "Tỉnh ủy An Hà", Name: "Đảng ủy phường Bắc An Lĩnh"}
		d.Symbol, d.Number, d.Place, d.Archive = "ĐU", "8", "Bắc An Lĩnh", "Văn phòng Đảng ủy"
	}
	return d
}

func sampleSummons() Document {
	return Document{
		System: State, Date: "2019-09-24", Place: "An Lĩnh",
		Issuer: Issuer{Parent: "Ủy ban MTTQ Việt Nam\ntỉnh An Hà", Name: "Ủy ban MTTQ Việt Nam\nthị xã An Lĩnh", Sub: "Ban Thường trực"},
		Symbol: "MTTQ-BTT", Kind: Summons, Subject: "Dự Hội nghị giao ban quý III năm 2019",
		Body: []Block{
			Runs(Run{Text: "Ban Thường trực Ủy ban MTTQ Việt Nam thị xã trân trọng kính mời: Đại diện lãnh đạo các tổ chức chính trị - xã hội thị xã."}),
			Text("Tới dự Hội nghị giao ban quý III năm 2019."), Text("Chủ trì: Thường trực Thị ủy."),
			Text("Thời gian: 08 giờ 00 phút, thứ Ba, ngày 01 tháng 10 năm 2019."), Text("Địa điểm: Phòng họp số 1, trụ sở Thị ủy."),
			Text("Đề nghị các đồng chí sắp xếp công việc, dự họp đúng thành phần"),
		},
		Ending:     true,
		Signatures: []Signature{{Authorities: []Authority{{"TM", "Ban Thường trực"}}, Office: "Chủ tịch", Name: "Lê Thị Thí Dụ", Mark: "(đã ký)"}},
		Recipients: []string{"Như thành phần mời"}, Archive: "BTT",
	}
}

func sampleMinutes() Document {
	return Document{
		System: State, Date: "2019-10-01",
		Issuer: Issuer{Name: "Ủy ban MTTQ Việt Nam\nthị xã An Lĩnh", Sub: "Ban Thường trực"},
		Number: "3", Symbol: "MTTQ-BTT", Kind: Minutes, Subject: "Hội nghị giao ban quý III năm 2019",
		Body: []Block{
			Text("Thời gian bắt đầu: 08 giờ 00 phút, ngày 01 tháng 10 năm 2019."), Text("Địa điểm: Phòng họp số 1."),
			Text("Thành phần tham dự: đại diện 11 cơ quan, tổ chức."), Text("Chủ trì (chủ tọa): Chủ tịch Ủy ban MTTQ thị xã."),
			Text("Thư ký (người ghi biên bản): Chánh Văn phòng."), Text("Nội dung (theo diễn biến cuộc họp):"),
			List{Marks: Numbers, Items: Items("Báo cáo kết quả quý III.", "Thảo luận.", "Kết luận.")},
			Text("Cuộc họp kết thúc vào 11 giờ 30 phút, ngày 01 tháng 10 năm 2019"),
		},
		Ending:     true,
		Signatures: []Signature{{Office: "Thư ký", Name: "Phạm Văn Thử"}, {Office: "Chủ tọa", Name: "Lê Thị Thí Dụ"}},
		Archive:    "Hồ sơ",
	}
}

func sampleDraftList() Document {
	return Document{
		System: Party, Date: "2019-10-01", Place: "An Lĩnh", Draft: true,
		Issuer: Issuer{Parent: "Tỉnh ủy An Hà", Name: "Thị ủy An Lĩnh"}, Symbol: "ThU",
		Kind: Sheet, Title: "Danh mục nhiệm vụ", Subject: "trình Hội nghị giao ban quý III năm 2019",
		Body: []Block{Table{Columns: []Column{{Title: "STT", Align: Center}, {Title: "Nhiệm vụ", Width: 6}, {Title: "Đơn vị thực hiện", Width: 5}},
			Rows: []Row{Cells("1", "Rà soát các hộ vay vốn ủy thác", "Chủ trì: Hội LHPN thị xã\nPhối hợp: Hội Nông dân thị xã")}}},
	}
}

func sampleDispatch(s System) Document {
	d := sampleSummons()
	d.System, d.Kind, d.Number, d.Subject = s, Dispatch, "12", "đôn đốc gửi báo cáo quý III năm 2019"
	d.Addressees = []string{"Ủy ban MTTQ các xã, phường"}
	return d
}

func sampleLong() Document {
	d := sampleStateReport()
	d.Annexes = nil
	var body []Block
	for i := range 12 {
		body = append(body, Heading{Level: 1, Number: viet.Roman(i + 1), Text: fmt.Sprintf("Nội dung thứ %d", i+1)})
		for j := range 5 {
			body = append(body, Text(fmt.Sprintf("Đoạn %d.%d: Ủy ban MTTQ và các tổ chức chính trị - xã hội phối hợp với chính quyền tuyên truyền, vận động Nhân dân đóng góp ngày công, hiến đất, tiền mặt xây dựng nông thôn mới, đô thị văn minh; chăm lo hộ nghèo, gia đình chính sách; giám sát và phản biện xã hội theo kế hoạch đã được phê duyệt từ đầu năm.", i+1, j+1)))
		}
	}
	d.Body = append(body, wideTable(90), Text("Hết."))
	return d
}

func samples() map[string]Document {
	return map[string]Document{
		"state-report": sampleStateReport(), "party-2019": sampleConclusion("2019-10-03"), "party-2026": sampleConclusion("2026-10-03"),
		"summons": sampleSummons(), "minutes": sampleMinutes(), "draft-list": sampleDraftList(),
	}
}
