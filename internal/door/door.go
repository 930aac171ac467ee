// Package door lets people in: passwords checked, tries limited, sessions, and the first person of a new site. It refuses to
// tell an unknown name from a wrong password, to let anyone lock another out, and to keep names that nobody has.
package door

import "time"

// The limits of wrong tries. Within the window a name is limited at each place, so that nobody can lock its owner out from
// elsewhere, and an address over all names, so that nobody can try one password on everybody. Within a day a name is limited
// over all addresses from which its owner has never come, so that many machines together get no further than one; the owner's
// own browsers and addresses stand outside of that.
const (
	windowMinutes   = 15
	triesPerPair    = 5
	triesPerAddress = 50
	triesPerName    = 100

	day = int64(24 * time.Hour / time.Millisecond)
)

// devicesPerPerson is how many browsers of a person are known; the one used longest ago goes.
const devicesPerPerson = 20

// How a try ended, in the table.
const (
	underWay    = "trying"
	goodTry     = "good"         // they are in
	passedTry   = "passed"       // the first step was right, the second is not done
	wrongTry    = "wrong"        // name, password or code
	secondWrong = "second-wrong" // the second step
	limitedTry  = "limited"
	copiedTry   = "copied" // by a passkey whose counter goes backwards: somebody may have a copy
)

// The session's keys.
const (
	sessionID      = "id" // names the session to people; it opens nothing
	sessionPerson  = "person"
	sessionMark    = "mark"
	sessionMethod  = "method"
	sessionOpened  = "opened"
	sessionAddress = "address"
	sessionDevice  = "device"
	sessionPlace   = "place"  // the browser, as Origin.known names it
	sessionStands  = "stands" // the delegation that the person acts under
	sessionLost    = "lost"   // of a visitor: somebody was in here, and what their open pages still post is not to be lost
)

// Session is somebody being in, from one browser. Times are UTC milliseconds; Device is as deviceOf gives it.
type Session struct {
	ID, Address, Device, Method string
	Opened, Seen                int64
	Here                        bool // the one that asks
}

// How a person came in.
const (
	byPassword   = "password"
	byProvider   = "provider"
	byStrong     = "provider-strong" // by a provider that has asked for two factors itself
	byInvitation = "invitation"      // or the set-up code, which invites the first
	byPasskey    = "passkey"         // which is both factors; or the second step
	byDemo       = "demo"            // one click in a demonstration
)

// What else a try can be made with: the second step.
const (
	byCode     = "code"
	byRecovery = "recovery"
)
