package storetest

import (
	"errors"
	"testing"

	"parley/internal/account"
)

func testRekey(t *testing.T, s AccountStore) {
	hasAccounts(t, s, false)
	for _, name := range []string{"groot", "rocket"} {
		taking := newcomer("u_"+name, name, name, account.KindAccount)
		taking.KeyHash, taking.Session = []byte("key "+name), session("s_"+name, name)
		takes(t, s, taking, nil)
	}
	if err := s.Rekey(t.Context(), "u_groot", []byte("another"), noon); err != nil {
		t.Fatal(err)
	}
	opens(t, s, "key groot", "")
	opens(t, s, "another", "u_groot")
	hasSession(t, s, "groot", false)
	opens(t, s, "key rocket", "u_rocket")
	hasSession(t, s, "rocket", true)
	if err := s.Rekey(t.Context(), "u_rocket", nil, noon); err != nil {
		t.Fatal(err)
	}
	opens(t, s, "key rocket", "")
	hasSession(t, s, "rocket", false)
	if u, err := s.UserByID(t.Context(), "u_rocket"); err != nil || u.Kind == account.KindAccount {
		t.Errorf("who was removed is %+v, %v", u, err)
	}
	for _, nobody := range []string{"u_rocket", "u_none"} {
		if err := s.Rekey(t.Context(), nobody, []byte("x"), noon); !errors.Is(err, account.ErrNotFound) {
			t.Errorf("a new key for %s: %v", nobody, err)
		}
	}
	configures(t, s, configured("u_c", "Drax", "drax", "key c"))
	all, err := s.Accounts(t.Context())
	if err != nil || len(all) != 2 || all[0].ID != "u_c" || !all[0].Configured || all[1].ID != "u_groot" || all[1].Configured {
		t.Errorf("the accounts are %+v, %v", all, err)
	}
	if hashes, err := s.KeyHashes(t.Context()); err != nil || len(hashes) != 2 {
		t.Errorf("there are the keys %q, %v", hashes, err)
	}
	hasAccounts(t, s, true)
}

func hasAccounts(t *testing.T, s AccountStore, want bool) {
	t.Helper()
	if has, err := s.HasAccounts(t.Context()); err != nil || has != want {
		t.Errorf("that there are accounts is %t, %v", has, err)
	}
}

func configured(id, name, key, hash string) account.Configured {
	return account.Configured{
		User: account.User{ID: id, Name: name, Kind: account.KindAccount}, Key: key, KeyHash: []byte(hash),
	}
}

func configures(t *testing.T, s AccountStore, accounts ...account.Configured) {
	t.Helper()
	if err := s.SetConfigured(t.Context(), accounts, noon); err != nil {
		t.Fatalf("SetConfigured: %v", err)
	}
}

// opens expects the id of the account that a key opens, "" for none.
func opens(t *testing.T, s AccountStore, hash, want string) {
	t.Helper()
	u, err := s.UserByKey(t.Context(), []byte(hash))
	if u.ID != want || (want == "") != errors.Is(err, account.ErrNotFound) || want != "" && u.Kind != account.KindAccount {
		t.Fatalf("the key %q opens %+v (%v), want %q", hash, u, err, want)
	}
}

func testConfigured(t *testing.T, s AccountStore) {
	person := newcomer("u_1", "groot", "groot", account.KindPerson)
	person.Session = session("s_1", "one")
	takes(t, s, person, nil)
	for range 2 { // the second start changes nothing
		configures(t, s, configured("u_g", "Groot", "groot", "key g"), configured("u_r", "Rocket", "rocket", "key r"))
		holds(t, s, "groot", "u_g") // the house's word goes before a visitor's
		hasSession(t, s, "one", false)
		opens(t, s, "key g", "u_g")
		opens(t, s, "key r", "u_r")
	}
	groot := account.User{ID: "u_g", Name: "Groot", Kind: account.KindAccount}
	takes(t, s, account.Taking{User: groot, Key: "groot", From: "u_g", Session: session("s_g", "g")}, nil)
	rocket := account.User{ID: "u_r", Name: "Rocket", Kind: account.KindAccount}
	takes(t, s, account.Taking{User: rocket, Key: "rocket", From: "u_r", Session: session("s_r", "r")}, nil)

	// A new key ends what the old one began; other accounts go on.
	configures(t, s, configured("u_g", "Groot", "groot", "key G"), configured("u_r", "Rocket", "rocket", "key r"))
	opens(t, s, "key g", "")
	opens(t, s, "key G", "u_g")
	hasSession(t, s, "g", false)
	hasSession(t, s, "r", true)

	// An account that is gone is none, and its name is free to go.
	configures(t, s, configured("u_g", "Groot", "groot", "key G"))
	opens(t, s, "key r", "")
	hasSession(t, s, "r", false)
	next := newcomer("u_2", "Rocket", "rocket", account.KindGuest)
	next.From = "u_r"
	takes(t, s, next, nil)

	// And may come back.
	configures(t, s, configured("u_g", "Groot", "groot", "key G"), configured("u_r", "Rocket", "rocket", "key r"))
	holds(t, s, "rocket", "u_r")
	opens(t, s, "key r", "u_r")
}

func testConfiguredSwap(t *testing.T, s AccountStore) {
	configures(t, s, configured("u_g", "Groot", "groot", "key g"), configured("u_r", "Rocket", "rocket", "key r"))
	configures(t, s, configured("u_g", "Rocket", "rocket", "key g"), configured("u_r", "Groot", "groot", "key r"))
	holds(t, s, "rocket", "u_g")
	holds(t, s, "groot", "u_r")
	configures(t, s, configured("u_g", "Rocket", "rocket", "key r"), configured("u_r", "Groot", "groot", "key g"))
	opens(t, s, "key r", "u_g")
	opens(t, s, "key g", "u_r")
}

func testConfiguredConflicts(t *testing.T, s AccountStore) {
	made := newcomer("u_m", "Made", "made", account.KindAccount)
	made.KeyHash, made.Session = []byte("key m"), session("s_m", "m")
	takes(t, s, made, nil)
	configures(t, s, configured("u_g", "Groot", "groot", "key g"))
	for _, c := range []struct {
		account account.Configured
		code    account.Code
	}{
		{configured("u_r", "Made", "made", "key r"), account.CodeNameTaken},
		{configured("u_r", "Rocket", "rocket", "key m"), account.CodeWrongKey},
	} {
		err := s.SetConfigured(t.Context(), []account.Configured{c.account}, noon)
		if !errors.Is(err, &account.Error{Code: c.code}) {
			t.Errorf("configuring %+v: %v, want %s", c.account, err, c.code)
		}
	}
	opens(t, s, "key g", "u_g") // an error changes nothing
	opens(t, s, "key r", "")
	configures(t, s)
	opens(t, s, "key g", "")
	opens(t, s, "key m", "u_m")
	hasSession(t, s, "m", true)
}
