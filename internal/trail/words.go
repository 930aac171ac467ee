package trail

import (
	"context"
	"slices"
	"strings"

	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// houseWords names each house that writes to the trail, as a reader calls what it keeps.
var houseWords = map[string]string{
	"account":   "Người dùng và quyền",
	"article":   "Tin bài",
	"briefing":  "Hội nghị giao ban",
	"door":      "Đăng nhập",
	"figure":    "Số liệu",
	"form":      "Biểu mẫu",
	"indicator": "Danh mục chỉ tiêu",
	"exchange":  "Trao đổi số liệu",
	"intake":    "Nhập tệp",
	"ledger":    "Sổ đóng góp",
	"job":       "Việc chạy nền",
	"key":       "Khóa của nơi gửi",
	"mail":      "Thư điện tử",
	"notice":    "Thông báo",
	"org":       "Đơn vị",
	"package":   "Gói số liệu gửi cấp trên",
	"period":    "Kỳ báo cáo",
	"personal":  "Dữ liệu cá nhân",
	"report":    "Báo cáo",
	"role":      "Vai trò",
	"rule":      "Quy tắc kiểm tra",
	"setting":   "Cài đặt",
	"task":      "Nhiệm vụ",
	"trail":     "Nhật ký và cài đặt",
	"unit":      "Thể thức văn bản của đơn vị",
}

// things names what a house's acts are done to, where the thing itself is gone or is not for the reader to know.
var things = map[string]string{
	"account":   "một người dùng",
	"article":   "một tin bài",
	"briefing":  "một hội nghị giao ban",
	"door":      "một người dùng",
	"figure":    "số liệu",
	"form":      "một biểu mẫu",
	"indicator": "một chỉ tiêu",
	"exchange":  "một bảng mã",
	"intake":    "một tệp",
	"ledger":    "một sổ đóng góp",
	"job":       "một việc chạy nền",
	"key":       "khóa của một nơi gửi",
	"mail":      "một thư",
	"notice":    "một người dùng",
	"org":       "một đơn vị",
	"package":   "một gói số liệu",
	"period":    "một kỳ báo cáo",
	"personal":  "một người dùng",
	"report":    "một báo cáo",
	"role":      "một vai trò",
	"rule":      "một quy tắc kiểm tra",
	"setting":   "một cài đặt",
	"task":      "một nhiệm vụ",
	"unit":      "một đơn vị",
}

// sentences says each act: house, verb, and a sentence in which the first %s is who did it and the second, where there is
// one, what it was done to.
var sentences = map[string]map[string]string{
	"account": {
		"email":    "%s đã đổi địa chỉ thư điện tử của %s",
		"add":      "%s đã thêm %s",
		"grant":    "%s đã cấp vai trò cho %s",
		"revoke":   "%s đã thu vai trò của %s",
		"disable":  "%s đã khóa tài khoản của %s",
		"enable":   "%s đã mở khóa tài khoản của %s",
		"password": "%s đã đặt lại mật khẩu của %s",
		"rehash":   "%s đã lưu mật khẩu của %s theo cách băm mới",
		"language": "%s đã đổi ngôn ngữ hiển thị",

		"delegate":       "%s đã lập ủy quyền của %s",
		"end-delegation": "%s đã chấm dứt ủy quyền của %s",
		"stand-in":       "%s đã bắt đầu làm việc thay người ủy quyền",
		"stand-out":      "%s đã thôi làm việc thay",
	},
	"article": {
		"draft":   "%s đã soạn %s",
		"edit":    "%s đã sửa %s",
		"publish": "%s đã đăng %s",
		"retract": "%s đã gỡ %s",
	},
	"briefing": {
		"convene":      "%s đã triệu tập %s",
		"replan":       "%s đã đổi kế hoạch của %s",
		"hold":         "%s đã bắt đầu %s",
		"cancel":       "%s đã hoãn, hủy %s",
		"conclude":     "%s đã ghi kết luận của %s",
		"number":       "%s đã ghi số thông báo kết luận của %s",
		"supplement":   "%s đã bổ sung, điều chỉnh kết luận của %s",
		"remove":       "%s đã bỏ một mục khỏi hồ sơ của %s",
		"invite":       "%s đã ghi thành phần dự của %s",
		"attendance":   "%s đã điểm danh ở %s",
		"statement":    "%s đã ghi ý kiến phát biểu ở %s",
		"finding":      "%s đã ghi đánh giá ở %s",
		"take":         "%s đã đưa đánh giá có sẵn vào %s",
		"point":        "%s đã ghi một điểm kết luận của %s",
		"demand":       "%s đã ghi nhiệm vụ giao tại %s",
		"build-agenda": "%s đã lập chương trình của %s",
		"item":         "%s đã sửa một mục chương trình của %s",
		"order":        "%s đã xếp lại chương trình của %s",
	},
	"door": {
		"set-up":             "%s đã lập trang và người quản trị đầu tiên",
		"sign-in":            "%s đã đăng nhập",
		"sign-out":           "%s đã đăng xuất",
		"sign-in-failed":     "%s đã thử đăng nhập mà không được",
		"end-session":        "%s đã kết thúc phiên đăng nhập của %s",
		"know-device":        "%s đã nhận ra thiết bị mới của mình",
		"disown-sign-in":     "%s đã báo có lần đăng nhập không phải của mình",
		"begin-code":         "%s đã bắt đầu thêm ứng dụng tạo mã",
		"add-code":           "%s đã thêm ứng dụng tạo mã",
		"remove-code":        "%s đã gỡ ứng dụng tạo mã của %s",
		"add-passkey":        "%s đã thêm khóa truy cập",
		"rename-passkey":     "%s đã đặt lại tên khóa truy cập",
		"remove-passkey":     "%s đã gỡ khóa truy cập của %s",
		"copied-passkey":     "%s đã dùng khóa truy cập của %s có bộ đếm lùi lại nên không được nhận",
		"new-recovery-codes": "%s đã tạo bộ mã khôi phục mới",
		"use-recovery-code":  "%s đã dùng một mã khôi phục",
		"reset-factors":      "%s đã đặt lại bước xác thực thứ hai của %s",
		"invite":             "%s đã lập phiếu mời cho %s",
		"revoke-invitation":  "%s đã thu hồi phiếu mời của %s",
		"accept-invitation":  "%s đã vào bằng phiếu mời và tự đặt mật khẩu",
		"link":               "%s đã liên kết %s với tài khoản ở hệ thống khác",
		"unlink":             "%s đã bỏ liên kết của %s với tài khoản ở hệ thống khác",
	},
	"figure": {
		"save":        "%s đã ghi %s",
		"load":        "%s đã nạp %s",
		"approve":     "%s đã đưa vào lớp đã duyệt %s",
		"undo":        "%s đã hoàn tác lần ghi %s",
		"overlap":     "%s đã ghi phần trùng của %s",
		"distinct":    "%s đã ghi hai số liệu không cùng một kết quả: %s",
		"end-overlap": "%s đã bỏ phần trùng của %s",
		"target":      "%s đã giao chỉ tiêu năm: %s",
		"withdraw":    "%s đã rút giá trị để cạnh ô: %s",
		"rival":       "%s đã gõ giá trị khác vào ô người khác vừa ghi: %s",
		"choose":      "%s đã chọn giữa hai giá trị của %s",
		"comment":     "%s đã ghi ý kiến về %s",
		"attach":      "%s đã kèm tài liệu vào %s",
	},
	"indicator": {
		"starter": "%s đã nạp danh mục chỉ tiêu ban đầu",
		"add":     "%s đã thêm %s",
		"version": "%s đã ban hành phiên bản mới của %s",
		"retire":  "%s đã ngừng dùng %s",
		"replace": "%s đã thay thế %s",
		"part":    "%s đã thêm thành phần cho %s",
		"synonym": "%s đã đổi tên gọi khác của %s",
	},
	"exchange": {
		"add":   "%s đã lập %s",
		"codes": "%s đã sửa %s",
	},
	"intake": {
		"preview": "%s đã gửi lên %s",
		"apply":   "%s đã ghi số liệu từ %s",
		"undo":    "%s đã hoàn tác việc nhập %s",
		"receive": "%s đã nhận gói số liệu từ %s",
		"settle":  "%s đã đối chiếu lại gói số liệu từ %s",
	},
	"package": {
		"make": "%s đã lập %s",
	},
	"key": {
		"trust":  "%s đã nhập khóa của %s",
		"revoke": "%s đã thu hồi khóa của %s",
	},
	"ledger": {
		"open":          "%s đã mở %s",
		"account":       "%s đã thêm quỹ hoặc nơi nhận vào %s",
		"receive":       "%s đã ghi thu vào %s",
		"handover":      "%s đã ghi chi từ %s",
		"move":          "%s đã điều chuyển trong %s",
		"refund":        "%s đã ghi trả lại từ %s",
		"opening":       "%s đã ghi số dư đầu sổ của %s",
		"list":          "%s đã ghi một danh sách vào %s",
		"pledge":        "%s đã ghi cam kết vào %s",
		"drop-pledge":   "%s đã thôi một cam kết ở %s",
		"ask-reversal":  "%s đã đề nghị hủy một khoản ở %s",
		"reverse":       "%s đã đồng ý hủy một khoản ở %s",
		"deny-reversal": "%s đã bác đề nghị hủy ở %s",
		"count":         "%s đã kiểm quỹ của %s",
		"seal":          "%s đã khóa %s",
		"commodity":     "%s đã thêm loại hiện vật %s",
		"price":         "%s đã đặt đơn giá của %s",
	},
	"job": {
		"retry": "%s đã cho chạy lại %s",
	},
	"notice": {
		"choose-ways":    "%s đã chọn cách nhận thông báo",
		"open-calendar":  "%s đã lập địa chỉ lịch riêng",
		"close-calendar": "%s đã thu hồi địa chỉ lịch riêng",
	},
	"mail": {
		"cancel":   "%s đã hủy %s",
		"hurry":    "%s đã cho gửi lại %s",
		"returned": "%s đã ghi nhận bị trả lại: %s",
		"test":     "%s đã gửi thử %s",
	},
	"org": {
		"add":         "%s đã thêm %s",
		"load":        "%s đã nạp danh sách đơn vị",
		"unload":      "%s đã gỡ các đơn vị vừa nạp",
		"rename":      "%s đã đổi tên %s",
		"move":        "%s đã chuyển cấp trên của %s",
		"merge":       "%s đã sáp nhập %s",
		"split":       "%s đã chia tách %s",
		"undo":        "%s đã hoàn tác việc sắp xếp %s",
		"try":         "%s đã xem thử việc sắp xếp đơn vị",
		"appoint":     "%s đã ghi người giữ chức vụ ở %s",
		"link-office": "%s đã gắn một chức vụ ở %s với tài khoản",
		"end-office":  "%s đã ghi thôi giữ chức vụ ở %s",
	},
	"period": {
		"make":          "%s đã mở %s",
		"close":         "%s đã khóa sổ %s",
		"reopen":        "%s đã mở lại %s",
		"due":           "%s đã đổi hạn nộp báo cáo của %s",
		"extend":        "%s đã gia hạn cho một đơn vị trong %s",
		"plead":         "%s đã xin gia hạn cho một đơn vị trong %s",
		"withdraw-plea": "%s đã rút đề nghị gia hạn của một đơn vị trong %s",
		"decline-plea":  "%s đã không gia hạn cho một đơn vị trong %s",
	},
	"personal": {
		"export": "%s đã xuất dữ liệu cá nhân của %s",
		"erase":  "%s đã xóa dữ liệu cá nhân của %s",
		"forget": "%s đã xóa dữ liệu hết thời hạn lưu",
	},
	"report": {
		"submit":           "%s đã gửi %s",
		"return":           "%s đã trả lại %s",
		"approve":          "%s đã duyệt %s",
		"accept":           "%s đã tiếp nhận %s",
		"reopen":           "%s đã mở lại %s",
		"way":              "%s đã đặt các bước của %s",
		"recall":           "%s đã rút %s",
		"state":            "%s đã thêm nội dung vào %s",
		"edit-statement":   "%s đã sửa một nội dung của %s",
		"remove-statement": "%s đã gỡ một nội dung của %s",
		"undo":             "%s đã hoàn tác nội dung đã nhập vào %s",
		"draft":            "%s đã soạn %s từ số liệu",
		"layer":            "%s đã đổi lớp số liệu của %s",
		"edit":             "%s đã sửa một mục của %s",
		"letter":           "%s đã ghi số, ngày văn bản của %s",
		"freeze":           "%s đã chốt %s",
		"reissue":          "%s đã lập bản mới của %s",
		"set-duty":         "%s đã giao %s",
		"remind":           "%s đã nhắc hạn gửi %s",
		"reminders":        "%s đã đặt lịch nhắc hạn",
		"end-duty":         "%s đã bỏ %s",
	},
	"role": {
		"add":     "%s đã thêm %s",
		"edit":    "%s đã sửa %s",
		"restore": "%s đã đưa về mặc định %s",
		"remove":  "%s đã xóa %s",
	},
	"form": {
		"add":     "%s đã lập %s",
		"change":  "%s đã sửa bản nháp của %s",
		"draft":   "%s đã lập bản mới của %s",
		"drop":    "%s đã bỏ bản nháp của %s",
		"publish": "%s đã ban hành %s",
		"assign":  "%s đã giao %s cho các đơn vị",
		"retire":  "%s đã thôi dùng %s",
		"restore": "%s đã dùng lại %s",
		"answer":  "%s đã trả lời câu hỏi của %s",
		"holiday": "%s đã ghi %s",
		"workday": "%s đã bỏ %s khỏi danh sách ngày nghỉ",
	},
	"rule": {
		"add":        "%s đã thêm %s",
		"change":     "%s đã sửa %s",
		"switch-on":  "%s đã bật %s",
		"switch-off": "%s đã tắt %s",
		"explain":    "%s đã giải trình số liệu theo %s",
	},
	"setting": {
		"put-provider":    "%s đã khai báo một hệ thống đăng nhập",
		"remove-provider": "%s đã bỏ một hệ thống đăng nhập",
		"set":             "%s đã đổi %s",
	},
	"task": {
		"create":    "%s đã giao %s",
		"made":      "%s đã giao %s",
		"progress":  "%s đã báo cáo tiến độ %s",
		"asked":     "%s đã xin gia hạn %s",
		"granted":   "%s đã cho gia hạn %s",
		"refused":   "%s đã không cho gia hạn %s",
		"reported":  "%s đã báo cáo hoàn thành %s",
		"accepted":  "%s đã nghiệm thu %s",
		"returned":  "%s đã trả lại %s",
		"cancelled": "%s đã hủy %s",
	},
	"unit": {
		"parent-body": "%s đã đổi cơ quan cấp trên trên văn bản của %s",
	},
}

// Sentence says who did what to what, in the reader's language.
func (l Line) Sentence(ctx context.Context) string {
	words, known := sentences[l.House][l.Verb]
	if !known {
		words = "%s đã thay đổi %s" // an act of a later or an earlier release
	}
	if strings.Count(words, "%s") == 1 {
		return web.T(ctx, words, l.By(ctx))
	}
	return web.T(ctx, words, l.By(ctx), l.Thing.Say(ctx, l.House))
}

// By is who acted, and for whom.
func (l Line) By(ctx context.Context) string {
	by := personName(ctx, l.Who)
	if l.ActingFor == "" {
		return by
	}
	return web.T(ctx, "%s (thay mặt %s)", by, personName(ctx, l.ForWho))
}

// personName is a name as it stands, or the words for one that is no more.
func personName(ctx context.Context, name string) string {
	switch name {
	case "":
		return web.T(ctx, "Một người không rõ")
	case erasedName, systemName:
		return web.T(ctx, name)
	}
	return name
}

// Say names the thing; by its kind alone where it is not known.
func (x Thing) Say(ctx context.Context, house string) string {
	words := x.Words
	if words == "" {
		if words = things[house]; words == "" {
			words = "một mục"
		}
	}
	return web.T(ctx, words, x.Args...)
}

// HouseName is the house in the reader's words.
func HouseName(ctx context.Context, house string) string {
	if words := houseWords[house]; words != "" {
		return web.T(ctx, words)
	}
	return house
}

// actName is what a verb of a house does, short, for a choice.
func actName(ctx context.Context, words string) string {
	text := web.T(ctx, words)
	for range strings.Count(text, "%s") {
		text = strings.Replace(text, "%s", "", 1)
	}
	return viet.UpperFirst(strings.TrimRight(strings.Join(strings.Fields(text), " "), ":. "))
}

// actOptions lists what can be asked for: each house whole, then its verbs. A value is HOUSE or HOUSE.VERB.
func actOptions(ctx context.Context, f Face) []web.Option {
	houses := make([]string, 0, len(sentences))
	for h := range sentences {
		if f.Shows(h) {
			houses = append(houses, h)
		}
	}
	slices.SortFunc(houses, func(a, b string) int {
		return strings.Compare(viet.SortKey(houseWords[a]), viet.SortKey(houseWords[b]))
	})
	var out []web.Option
	for _, h := range houses {
		out = append(out, web.Option{Value: h, Label: web.T(ctx, "Mọi việc"), Group: houseWords[h]})
		var acts []web.Option
		for verb, words := range sentences[h] {
			acts = append(acts, web.Option{Value: h + "." + verb, Label: actName(ctx, words), Group: houseWords[h]})
		}
		slices.SortFunc(acts, func(a, b web.Option) int {
			return strings.Compare(viet.SortKey(a.Label)+a.Value, viet.SortKey(b.Label)+b.Value)
		})
		out = append(out, acts...)
	}
	return out
}

// splitAct reads a choice of actOptions; what names no house or verb asks for nothing.
func splitAct(value string) (house, verb string) {
	house, verb, _ = strings.Cut(value, ".")
	if sentences[house] == nil {
		return "", ""
	}
	if sentences[house][verb] == "" {
		verb = ""
	}
	return house, verb
}

// Known tells whether a house writes to the trail.
func Known(house string) bool { return sentences[house] != nil }
