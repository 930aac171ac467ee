package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/viet"
)

// AddCommodity adds something that books can hold, for all books of the site.
func (s *Service) AddCommodity(ctx context.Context, who auth.Actor, c Commodity) error {
	if err := s.mustKeepCatalog(ctx, who); err != nil {
		return err
	}
	var bad fault.List
	c.Code = strings.ToUpper(viet.Clean(c.Code))
	if !bookCode.MatchString(c.Code) {
		_ = bad.Add(fault.Invalid("ma", "Mã gồm 2 đến 30 chữ in hoa không dấu, số và gạch nối."))
	}
	var err error
	c.Name, err = cleanName("ten", "tên", c.Name)
	_ = bad.Add(err)
	c.Unit, err = cleanName("don-vi-tinh", "đơn vị tính", c.Unit)
	_ = bad.Add(err)
	if c.Decimals < 0 || c.Decimals > 3 {
		_ = bad.Add(fault.Invalid("so-le", "Số chữ số sau dấu phẩy từ 0 đến 3."))
	}
	if !slices.Contains(Natures, c.Nature) || c.Nature == Money {
		_ = bad.Add(fault.Invalid("loai", "Hãy chọn loại. Tiền chỉ có một: đồng."))
	}
	if err := bad.Err(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := org.MustHoldSite(ctx, tx, who, auth.Consolidate, s.clock.Today()); err != nil {
			return err
		}
		have, err := Commodities(ctx, tx)
		if err != nil {
			return err
		}
		const own = 1000 // below it stand those of the program
		c.ID = own
		for _, h := range have {
			if h.Code == c.Code || viet.Same(h.Name, c.Name) {
				return fault.Invalidf("ten", "Đã có “%s”, tính bằng %s.", h.Name, h.Unit)
			}
			c.ID = max(c.ID, h.ID+1)
		}
		if err := insertCommodity(ctx, tx, c); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "commodity", House: "ledger", Object: c.Code, After: map[string]any{"unit": c.Unit, "decimals": c.Decimals}})
	})
}

// Price is what one unit of a commodity is worth from a day on, by its source. Values derived with it stand apart from money.
type Price struct {
	Commodity int64
	From      string
	Dong      int64
	Source    string
}

// SetPrice sets a price from a day on, over one set before for the same day.
func (s *Service) SetPrice(ctx context.Context, who auth.Actor, commodity, from, price, source string) error {
	if err := s.mustKeepCatalog(ctx, who); err != nil {
		return err
	}
	var bad fault.List
	day, err := viet.ParseDate(from, 0)
	if err != nil || strings.TrimSpace(from) == "" {
		_ = bad.Add(fault.Invalid("tu-ngay", "Hãy nhập ngày bắt đầu áp dụng, ví dụ 01/01/2019."))
	}
	source, err = cleanName("can-cu", "căn cứ của đơn giá (văn bản nào, ai quyết định)", source)
	_ = bad.Add(err)
	q, err := (Commodity{ID: dong, Name: "Tiền", Unit: "đồng", Nature: Money}).Read(price)
	if err != nil {
		for _, f := range fault.All(said(err)) {
			bad = append(bad, f.At("don-gia"))
		}
	} else if q.Qualifier != viet.Exact {
		_ = bad.Add(fault.Invalid("don-gia", "Đơn giá là một số chính xác."))
	}
	if err := bad.Err(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := org.MustHoldSite(ctx, tx, who, auth.Consolidate, s.clock.Today()); err != nil {
			return err
		}
		all, err := Commodities(ctx, tx)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(all, func(c Commodity) bool { return c.Code == commodity && c.Nature != Money })
		if at < 0 {
			return fault.Invalid("loai-hien-vat", "Hãy chọn ngày công hay hiện vật.")
		}
		if _, err := tx.Exec(ctx, `insert into ledger_price(commodity, valid_from, price, source, at, person) values ($1,$2,$3,$4,$5,$6)
			on conflict (commodity, valid_from) do update set price = excluded.price, source = excluded.source, at = excluded.at, person = excluded.person`,
			all[at].ID, day, q.Value, source, s.clock.Milli(), who.Person); err != nil {
			return fmt.Errorf("price: %w", err)
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "price", House: "ledger", Object: commodity, After: map[string]any{"from": day, "dong": q.Value, "source": source}})
	})
}

func (s *Service) mustKeepCatalog(ctx context.Context, who auth.Actor) error {
	may, err := s.MayKeepCatalog(ctx, who)
	if err == nil && !may {
		err = fault.NotFound()
	}
	return err
}

// MayKeepCatalog tells whether the actor keeps what books of the site can hold, and its prices.
func (s *Service) MayKeepCatalog(ctx context.Context, who auth.Actor) (may bool, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		may, err = org.HoldsSite(ctx, tx, who, auth.Consolidate, s.clock.Today())
		return err
	})
	return may, err
}

// Catalog is what books of the site can hold, with its prices, for those who keep it.
func (s *Service) Catalog(ctx context.Context, who auth.Actor) (all []Commodity, prices []Price, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if err := org.MustHoldSite(ctx, tx, who, auth.Consolidate, s.clock.Today()); err != nil {
			return err
		}
		if all, err = Commodities(ctx, tx); err != nil {
			return err
		}
		prices, err = pricesIn(ctx, tx)
		return err
	})
	return all, prices, err
}

func pricesIn(ctx context.Context, tx *db.Tx) ([]Price, error) {
	return db.Collect(ctx, tx, func(rows *sql.Rows) (p Price, err error) {
		err = rows.Scan(&p.Commodity, &p.From, &p.Dong, &p.Source)
		return p, err
	}, `select commodity, valid_from, price, source from ledger_price order by commodity, valid_from desc`)
}
