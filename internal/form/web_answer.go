package form

import (
	"net/http"
	"strconv"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/period"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// AnswerPath is the page on which a unit answers the questions of its forms.
func AnswerPath(unit string, p period.Period) string {
	return web.Path("so-lieu", unit, p.Slug(), "cau-hoi")
}

// AnswerPlace is where a unit answers one of them.
func AnswerPlace(unit string, p period.Period, item string) string {
	return AnswerPath(unit, p) + "#" + web.FieldID(answerName(item))
}

// answerPage is the page of answers; typed are those that came with a form that was refused.
func (s *Service) answerPage(r *http.Request) (web.Page, answerView, error) {
	ctx := r.Context()
	p, err := period.FromSlug(r.PathValue("period"))
	if err != nil {
		return web.Page{}, answerView{}, err
	}
	sheet, err := s.Sheet(ctx, auth.From(ctx), strings.ToUpper(r.PathValue("unit")), p.Code)
	if err != nil {
		return web.Page{}, answerView{}, err
	}
	return web.Page{Title: viet.UpperFirst(sheet.Unit.Name), Lead: web.T(ctx, "Câu hỏi và bảng của biểu mẫu, %s", sheet.Period.Name()), Nav: "figure",
		Crumbs: []web.Crumb{{Label: web.T(ctx, "Số liệu"), Path: web.URL("/so-lieu", "ky", sheet.Period.Slug())}, {Label: viet.UpperFirst(sheet.Unit.Name), Path: web.Path("so-lieu", sheet.Unit.Code, sheet.Period.Slug())}},
	}, answerView{AnswerSheet: sheet}, nil
}

func (s *Service) showAnswers(w http.ResponseWriter, r *http.Request) error {
	page, v, err := s.answerPage(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, page, answerBody(v))
}

func (s *Service) postAnswers(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	page, v, err := s.answerPage(r)
	if err != nil {
		return err
	}
	if !v.MayEnter {
		if v.Shut != "" {
			return fault.Refusedf("%s", v.Shut)
		}
		return fault.NotFound()
	}
	var bad fault.List
	var typed []Answer
	v.Typed = map[string]Answer{}
	for _, f := range v.Forms {
		for _, i := range f.Answers {
			if _, shown := r.PostForm[seenName(i.Item.ID)]; !shown {
				continue
			}
			a, err := readAnswer(i.Item, r.FormValue, func(name string) bool { return web.Checked(r, name) })
			a.Version, _ = strconv.Atoi(web.Value(r, seenName(i.Item.ID))) // a number that the page wrote; anything else is version 0
			if err := bad.Add(err); err != nil {
				return err
			}
			v.Typed[i.Item.ID] = a
			typed = append(typed, a)
		}
	}
	n, err := 0, bad.Err()
	if err == nil {
		n, err = s.Write(ctx, auth.From(ctx), v.Unit.Code, v.Period.Code, typed)
	}
	if err != nil {
		if _, again, reading := s.answerPage(r); reading == nil { // what others have written meanwhile
			again.Typed = v.Typed
			v = again
		}
		return web.Invalid(w, r, err, page, answerBody(v))
	}
	return web.Redirect(w, r, AnswerPath(v.Unit.Code, v.Period), web.T(ctx, "Đã lưu %d câu trả lời.", n))
}
