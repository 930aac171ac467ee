// Package auth says who acts and what an actor may do where. It holds the words of access (permissions, actor) and the
// password hash; people, roles and grants as data live in the account house. It refuses to answer "forbidden": what an
// actor may not do is not there for them.
package auth

import (
	"context"
	"slices"

	"giaoban/internal/fault"
)

// Permission is one thing that a role may do within a subtree of units.
type Permission string

const (
	Public      Permission = ""            // anyone, signed in or not
	SignedIn    Permission = "signed-in"   // any person, whatever their grants
	View        Permission = "view"        // read figures, reports, briefings of the subtree
	Enter       Permission = "enter"       // type and import figures and statements
	Books       Permission = "books"       // keep the books of contributions of the subtree's units: givers, receipts, payments, seals
	Submit      Permission = "submit"      // send a body's report
	Approve     Permission = "approve"     // accept or send back a report: figures enter the approved layer
	Consolidate Permission = "consolidate" // draft, edit and freeze the consolidated report; open and close periods
	Brief       Permission = "brief"       // convene and record a briefing, write its conclusion
	Do          Permission = "do"          // report progress on a task of the subtree, ask for extension
	Judge       Permission = "judge"       // accept a task's result or send it back, decide on extensions
	Edit        Permission = "edit"        // draft and edit news items
	Publish     Permission = "publish"     // publish news items
	EditUnits   Permission = "edit-units"  // units, edges, succession, offices
	EditCatalog Permission = "edit-catalog"
	Audit       Permission = "audit" // read the trail of the subtree
	Admin       Permission = "admin" // people and grants; no content
)

// Permissions lists all that a role can hold, in the order in which people read them.
var Permissions = []Permission{View, Enter, Books, Submit, Approve, Consolidate, Brief, Do, Judge, Edit, Publish, EditUnits, EditCatalog, Audit, Admin}

// Actor is who acts. The zero Actor is a visitor.
type Actor struct {
	Person   string // person id; empty for a visitor, "system" for the program itself
	Name     string
	Language string // "vi" or "en"
	Address  string // where the request came from, as far as limits and the trail need it; empty for the program itself
	Grants   []Grant

	Proved int64  // when the person last showed in this session who they are: UTC milliseconds of the machine's clock, 0 is never
	Owes   string // the path of what the person must do before anything else; they hold no grants until then
	Lost   bool   // a visitor in whose browser somebody was in until their session ended

	// Who acts under a delegation has its rights only, not their own beside.
	For        string // the person on whose behalf the actor acts; empty for oneself
	ForName    string
	Delegation string // by which delegation
	Mandates   []Mandate
}

// Mandate is a delegation under which the person may act today.
type Mandate struct {
	Delegation string
	Giver      string // whose rights were lent
	GiverName  string
	To         string // until before this day
}

// Grant is a role over the subtree of a unit in one hierarchy, already limited to today.
type Grant struct {
	Role        string
	RoleName    string
	Unit        int64
	Hierarchy   int64 // as org numbers them
	UnitCode    string
	UnitName    string
	Permissions []Permission
}

const systemPerson = "system"

// System is the program itself: the command line run by the machine's owner, and jobs.
func System() Actor { return Actor{Person: systemPerson, Name: "Hệ thống", Language: "vi"} }

// IsSystem tells the program itself from people.
func (a Actor) IsSystem() bool { return a.Person == systemPerson }

// Rights names whose grants count in SQL: the delegation's while the actor acts under one, else the person's own.
func (a Actor) Rights() string {
	if a.Delegation != "" {
		return a.Delegation
	}
	return a.Person
}

// Signs tells whether the actor is one of these people or acts for one of them; empty ids are nobody. Who did a thing, or had
// it done in their name, is not to judge it, in whoever's name.
func (a Actor) Signs(people ...string) bool {
	return slices.ContainsFunc(people, func(id string) bool { return id != "" && (id == a.Person || id == a.For) })
}

// SignedIn tells a person from a visitor.
func (a Actor) SignedIn() bool { return a.Person != "" }

// Has tells whether the actor holds p anywhere.
func (a Actor) Has(p Permission) bool {
	switch {
	case p == Public, a.IsSystem():
		return true
	case p == SignedIn:
		return a.SignedIn()
	}
	return len(a.Units(p)) > 0
}

// Must answers not found when the actor holds p nowhere. Where p holds is asked again in SQL (org.Within).
func (a Actor) Must(p Permission) error {
	if a.Has(p) {
		return nil
	}
	return fault.NotFound()
}

// Units lists the tops of the subtrees where the actor holds p.
func (a Actor) Units(p Permission) []int64 {
	var out []int64
	for _, g := range a.Grants {
		if slices.Contains(g.Permissions, p) && !slices.Contains(out, g.Unit) {
			out = append(out, g.Unit)
		}
	}
	return out
}

// Along is the hierarchy along which the actor holds p from a unit on, as org numbers them: that of a grant over the unit. A
// line's or the Front's goes before the territory (1), which also stands for none: below a body there is no territory.
func (a Actor) Along(p Permission, unit int64) int64 {
	along := int64(1)
	for _, g := range a.Grants {
		if g.Unit == unit && g.Hierarchy > 1 && slices.Contains(g.Permissions, p) {
			along = g.Hierarchy
		}
	}
	return along
}

type key struct{}

// With puts the actor into the context of a request.
func With(ctx context.Context, a Actor) context.Context { return context.WithValue(ctx, key{}, a) }

// From reads the actor of a request; a visitor when there is none.
func From(ctx context.Context) Actor {
	a, _ := ctx.Value(key{}).(Actor)
	return a
}
