package report

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/fault"
	"giaoban/internal/period"
	"giaoban/internal/web"
)

// bulkPage is the page on which the office accepts many reports at once.
type bulkPage struct {
	Board    Board
	List     []Ready
	Refused  []Refused
	Accepted int
	Done     bool // an act has been made
}

func (s *Service) bulkPage(r *http.Request) (web.Page, bulkPage, error) {
	ctx := r.Context()
	var p bulkPage
	per, err := period.FromSlug(web.Value(r, "ky"))
	if err == nil {
		p.Board, p.List, err = s.Ready(ctx, auth.From(ctx), web.Value(r, "don-vi"), per.Code)
	}
	if err != nil {
		return web.Page{}, p, err
	}
	return web.Page{
		Title: web.T(ctx, "Tiếp nhận nhiều báo cáo"), Lead: p.Board.Unit.Name + ", " + p.Board.Period.Name(), Nav: navKey, Wide: true,
		Crumbs: []web.Crumb{boardCrumb(ctx, p.Board.Unit.Code, p.Board.Period)},
	}, p, nil
}

func (s *Service) showBulk(w http.ResponseWriter, r *http.Request) error {
	page, p, err := s.bulkPage(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, page, bulkBody(p))
}

// acceptBulk accepts what is ticked; each box holds the unit and the version of the report that its page showed.
func (s *Service) acceptBulk(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	page, before, err := s.bulkPage(r)
	if err != nil {
		return err
	}
	var chosen []Chosen
	for _, value := range web.Values(r, "o") {
		unit, version, _ := strings.Cut(value, ":")
		n, err := strconv.Atoi(version)
		if err != nil || !slices.ContainsFunc(before.Board.Rows, func(x Row) bool { return x.Unit.Code == unit }) {
			return fault.NotFound()
		}
		chosen = append(chosen, Chosen{unit, n})
	}
	if len(chosen) == 0 {
		return web.Invalid(w, r, fault.Invalid("o", "Hãy đánh dấu ít nhất một báo cáo."), page, bulkBody(before))
	}
	accepted, refused, err := s.AcceptMany(ctx, auth.From(ctx), before.Board.Period.Code, chosen)
	if err != nil {
		return err
	}
	if len(refused) == 0 {
		return web.Redirect(w, r, boardPath(before.Board.Unit.Code, before.Board.Period), web.T(ctx, "Đã tiếp nhận %d báo cáo.", accepted))
	}
	page, p, err := s.bulkPage(r)
	if err != nil {
		return err
	}
	p.Refused, p.Accepted, p.Done = refused, accepted, true
	return web.Show(w, r, page, bulkBody(p))
}
