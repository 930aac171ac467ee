package auth

import "testing"

func TestWhatAnyoneWouldGuessIsRefused(t *testing.T) {
	t.Parallel()
	for _, p := range []string{
		"1234567890", "0987654321", "qwertyuiop", "qwerty12345", "1q2w3e4r5t", "1qaz2wsx3edc", "aaaaaaaaaaaa", "abcabcabcabc", "abcdefghij", "11111222223",
		"password123", "P@ssw0rd2024", "Passw0rd!!", "admin123456", "welcome2025", "iloveyou123", "matkhau123", "Mật khẩu 2024", "m@tkhau12345",
		"anhyeuem123", "Anh yêu em 1", "emyeuanh1999", "vietnam2024", "Việt Nam 2025!", "hanoi123456", "toiyeuvietnam", "nguyenvananh", "Nguyễn Văn An 1985",
		"tranthimai90", "mattran2024", "ubmttq@2024", "0912345678", "01/01/1990!", "giaoban2024!", "hoangminhtuan",
	} {
		if !Guessable(p) {
			t.Errorf("%q is let through", p)
		}
	}
	for p, context := range map[string][]string{"binhan.2024!": {"Bình An"}, "lethicuc1234": {"Lê Thị Cúc"}, "tx.songdao99": {"songdao", "tx"}, "PhuongDong#1": {"Phường Đông"}} {
		if !Guessable(p, context...) {
			t.Errorf("%q is let through where %q stands", p, context)
		}
	}
}

func TestWhatIsNotGuessedIsTaken(t *testing.T) {
	t.Parallel()
	for _, p := range []string{
		"chuồn chuồn bay thấp", "gà gáy canh năm", "cua trong rieu cua ngoai dong", "trâu ơi ta bảo", "nắng tháng ba hoa vàng", "k7#vQ2!mZx", "correct horse battery staple",
		"đi chợ mua cá rô", "tkx-9f2a-mmqe", "82 bậc thang đá", "mẹ hát ru con ngủ", "8493 1750 2264 99",
	} {
		if Guessable(p, "Nguyễn Văn Mẫu", "mau.nv", "Phường Bình An") {
			t.Errorf("%q is refused", p)
		}
	}
}
