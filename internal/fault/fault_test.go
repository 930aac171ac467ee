package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"giaoban/internal/fault"
)

type state string

func (s state) Name() string { return "đang " + string(s) }

func TestAFaultIsVietnameseAndKeepsWhatItWasMadeOf(t *testing.T) {
	t.Parallel()
	inner := fault.Made(fault.KindInvalid, "code", "Mã “%s” đã dùng.", "P01")
	for _, c := range []struct {
		err  error
		kind fault.Kind
		text string
	}{
		{fault.Invalidf("name", "Tên dài quá %d ký tự.", 200), fault.KindInvalid, "Tên dài quá 200 ký tự."},
		{fault.Refusedf("Báo cáo này %s.", state("chờ")), fault.KindRefused, "Báo cáo này đang chờ."},
		{fault.Conflictf("Dòng %d: %s", 3, inner), fault.KindConflict, "Dòng 3: Mã “P01” đã dùng."},
		{fault.Refusedf("Không đổi được %s.", fault.Word("đơn vị tính")), fault.KindRefused, "Không đổi được đơn vị tính."},
		{fault.TooLargef("Quá %d MB.", 25), fault.KindTooLarge, "Quá 25 MB."},
		{fault.TooManyf("Chờ %d phút.", 15), fault.KindTooMany, "Chờ 15 phút."},
		{fault.NotFound(), fault.KindNotFound, "Không tìm thấy nội dung này."},
	} {
		if got := fault.Text(fmt.Errorf("while testing: %w", c.err)); got != c.text || !fault.Is(c.err, c.kind) {
			t.Errorf("%q, want %q of kind %d", got, c.text, c.kind)
		}
	}
	format, args := inner.Message()
	if format != "Mã “%s” đã dùng." || !cmp.Equal(args, []any{"P01"}) {
		t.Errorf("made of %q and %v", format, args)
	}
	if format, args := fault.All(fault.Invalid("x", "Tăng 5% là sai."))[0].Message(); format != "Tăng 5% là sai." || args != nil {
		t.Errorf("a text without arguments is made of %q and %v", format, args)
	}
}

func TestAFaultMovesToAnotherFieldAndKeepsItsWords(t *testing.T) {
	t.Parallel()
	at := fault.Made(fault.KindInvalid, "code", "Mã “%s” đã dùng.", "P01")
	moved := at.At("ma")
	if at.Field != "code" || moved.Field != "ma" || moved.Format != at.Format || moved.Text != at.Text || moved.Kind != at.Kind {
		t.Errorf("%+v became %+v", at, moved)
	}
}

func TestAnInternalErrorShowsNothingOfItself(t *testing.T) {
	t.Parallel()
	err := errors.New("pq: password authentication failed")
	if got := fault.Text(err); got != "Có lỗi trong hệ thống. Dữ liệu đã lưu không bị mất; xin thử lại sau." {
		t.Errorf("the user reads %q", got)
	}
	var list fault.List
	if list.Add(err) == nil || list.Err() != nil {
		t.Error("an internal error became a fault of the form")
	}
	if err := list.Add(fault.Invalid("a", "Sai a.")); err != nil {
		t.Fatal(err)
	}
	if err := list.Add(fault.List{{Kind: fault.KindInvalid, Field: "b", Text: "Sai b."}}); err != nil {
		t.Fatal(err)
	}
	if got := fault.Text(list.Err()); got != "Sai a. Sai b." {
		t.Errorf("a form's faults read %q", got)
	}
}
