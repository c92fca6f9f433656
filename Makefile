# What one does with Parley while changing it. Go is needed; the rest is installed where it is missing.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

npm      := typescript@5.9.3 axe-core@4.14.1# what the checks of the page take from npm, into .cache
peernpm  := ws@8.23.0 websocket@1.0.35# what make bench-peers takes from npm, into .cache/peers
lighthouse := lighthouse@12.8.2# what make page-report takes from npm, into .cache/report
fuzztime := 30s#              of each fuzz target
raceless := modernc.org/sqlite/lib modernc.org/libc/... modernc.org/memory# SQLite in Go, with memory of its own: see make race
kills    := 110#              of the server, in make crash
messages := 1000000#          that are acknowledged meanwhile
history  := 1000000#          messages of the largest in make bench-growth
soaktime := 30m#              of make soak, without the restarts
peers    := limit parley centrifuge gorilla nodewebsocket nodews mojolicious# that make bench-peers measures
bytes    := 1073741824#       of the file in make upload-report
clients  := 1000#             members of the room in make bench-load
rounds   := 3#                of each
bench    :=#                  more flags of make bench-peers, like bench="-time 5s -clients 100"; bench=-h lists them

help: ## list these targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' Makefile | expand -t 14

run: ## serve from the files as they are: templates and static files are read from disk
	go run . --dev

build: ## build ./parley, which needs nothing but itself
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o parley .

test: lint js race ## check everything, as .ci/run does; installs what is missing

tools: ## install what the tests need beside Go: a C compiler, Chromium, Node
	@.ci/tools

lint: ## gofumpt, vet, staticcheck
	@unformatted="$$(git ls-files -co --exclude-standard '*.go' | xargs go tool gofumpt -l)"; \
	if [ -n "$$unformatted" ]; then echo "not formatted; make format does it:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	go vet -tags report ./internal/e2e
	@for module in internal/load/peers/*/go.mod; do echo go vet -C $${module%/go.mod} .; go vet -C $${module%/go.mod} .; done
	go tool staticcheck ./...

format: ## format all Go files
	git ls-files -co --exclude-standard '*.go' | xargs go tool gofumpt -w

js: tools .cache/node_modules/.package-lock.json ## the page's script: types, then tests
	.cache/node_modules/.bin/tsc --project static/tsconfig.json
	timeout 5m node $(modules) --test $(or $(wildcard internal/e2e/js/*.test.js),$(error there are no tests of the page's script))

# Node before 20 has to be told that these files are modules; later ones see it.
modules = $(shell node -p "parseInt(process.versions.node) < 20 ? '--experimental-default-type=module' : ''")

.cache/node_modules/.package-lock.json: Makefile
	npm install --prefix .cache --no-save --no-audit --no-fund $(npm)
	@touch $@

# SQLite is C in the clothes of Go. The detector would look at each of its steps, which made it three times as slow, and could know nothing
# of the memory that it takes from the system by itself. Everything around it is looked at.
race: export GOFLAGS += $(foreach package,$(raceless),-gcflags=$(package)=-race=false)
race: tools .cache/node_modules/.package-lock.json ## all Go tests with the race detector: units, the import walls, the real binary, browsers
	go test -race -timeout 14m -parallel 4 ./...

fuzz: ## look for inputs that break a decoder, each target for a while (fuzztime=30s)
	@grep -rE '^func Fuzz' --include='*_test.go' handlers internal | sed -E 's|^(.*)/[^/]*:func (Fuzz\w*).*|\1 \2|' | \
	while read -r folder target; do \
		echo "$$folder $$target"; \
		go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(fuzztime) -fuzzminimizetime 10x "./$$folder"; \
	done

crash: ## kill the server a hundred times under load and through broken networks, and check a million messages (15 min)
	go test -count=1 -v -timeout 60m -run '^(TestCrash|TestChecker)' ./internal/e2e -crash.fast -crash.kills $(kills) \
		-crash.messages $(messages) -crash.time 50m -crash.round 0

resume: ## come back after 100,000 missed messages, and through twenty times as many random cuts as the tests (5 min)
	go test -count=1 -v -timeout 30m -run '^(TestComingBackShows|TestEveryonesLog)' ./internal/e2e -crash.fast -resume.missed 100000 \
		-resume.checks 200

soak: ## let people come and go for half an hour, and a thousand clients go through 20 restarts (soaktime=30m)
	go test -count=1 -v -timeout 120m -run '^TestSoak' ./internal/e2e -crash.fast -soak.time $(soaktime) -soak.every 1m \
		-soak.clients 1000 -soak.restarts 20

abuse: ## flood, stall and starve the server in twenty ways beside a pair that talks, and print what each did to the pair (5 min)
	go test -count=1 -v -timeout 20m -run '^TestPairIsUnharmedBesideAbuse$$' ./internal/e2e -abuse.fast -abuse.scale 10

idle: ## measure what connections cost that are open and say nothing, as many as a process may have files (4 min)
	go test -count=1 -v -timeout 20m -run '^TestIdleConnectionsCostLittle$$' ./internal/e2e -idle.fast -idle.silence 130s \
		-idle.connections $$(($$(ulimit -Hn) < 20100 ? $$(ulimit -Hn) - 100 : 20000))

bench: ## measure what the Go benchmarks measure
	go test -run '^$$' -bench . -benchmem ./...

bench-load: build ## put the kinds of load of parley bench on Parley one after the other, results as JSON in .cache/load (8 min, of which idle waits up to 4 for the garbage; clients=1000)
	mkdir -p .cache/load
	./parley bench fanout --clients $(clients) --under-way 64 --json .cache/load/fanout.json
	./parley bench fanout --clients $(clients) --under-way 1 --json .cache/load/fanout-1.json
	./parley bench latency --clients $(clients) --rate 100 --duration 20s --json .cache/load/latency.json
	./parley bench idle --clients 5000 --json .cache/load/idle.json
	./parley bench connect --json .cache/load/connect.json
	./parley bench connect --return 5000 --json .cache/load/return.json

bench-rooms: build ## what a message costs with 1 to 10,000 rooms, and a delivery with 10 to 10,000 members, a row each (4 min)
	mkdir -p .cache/load
	./parley bench rooms --rooms 1,10,100,1000,10000 --members 1 --json .cache/load/rooms.json
	./parley bench rooms --rooms 1,10,100,1000,3000 --members 5 --json .cache/load/rooms-5.json
	./parley bench rooms --rooms 1 --members 10,100,1000,10000 --json .cache/load/members.json

bench-store: build ## how many messages per second become durable, from 1 to 1,000 senders, each in a room alone and all in one (2 min)
	mkdir -p .cache/load
	./parley bench store --json .cache/load/store.json
	./parley bench store --one-room --json .cache/load/store-one-room.json

bench-slow: build ## what members who never read do to the others, in three pairs of phases (3 min)
	mkdir -p .cache/load
	./parley bench slow --clients 500 --rate 50 --size 4000 --duration 20s --json .cache/load/slow.json

bench-day: build ## a day of a company of 300 in a minute, checked for everybody (1 min)
	mkdir -p .cache/load
	./parley bench mixed --people 300 --duration 1m --json .cache/load/mixed.json

bench-peers: ## measure Parley beside other chat servers and the bare loop that is the limit (10 min; peers="limit parley", rounds=1)
	@.ci/tools $(if $(filter mojolicious,$(peers)),libmojolicious-perl)
	@$(if $(filter node%,$(peers)),$(MAKE) --no-print-directory .cache/peers/node_modules/.package-lock.json)
	go run ./internal/load/peers -peers "$(peers)" -rounds $(rounds) $(bench)

# In a folder of their own, or installing either would remove the other's.
.cache/peers/node_modules/.package-lock.json: Makefile
	npm install --prefix .cache/peers --no-save --no-audit --no-fund --ignore-scripts $(peernpm)
	@touch $@

bench-page: tools ## measure what the chat page costs Chromium: 50 messages/s, bursts, 1,000 people, 100,000 messages, the first load (10 min)
	go test -count=1 -v -timeout 40m -run '^TestPage' ./internal/e2e -page.fast -page.print -page.time 60s -page.messages 100000 -page.members 1000

page-report: tools .cache/report/node_modules/.package-lock.json ## have Lighthouse judge both pages, as phone and desktop, and hold them to what is wanted (3 min)
	go test -count=1 -timeout 20m -tags report -run '^TestPageReport$$' -v ./internal/e2e | grep -v '^=== '

.cache/report/node_modules/.package-lock.json: Makefile
	npm install --prefix .cache/report --no-save --no-audit --no-fund --ignore-scripts $(lighthouse)
	@touch $@

upload-report: ## upload a gigabyte and say how much the server's memory grew (1 min; bytes=1073741824)
	go test -count=1 -v -timeout 10m -run '^TestUploadIsNeverHeldInMemory$$' ./internal/e2e -upload.bytes $(bytes)

bench-growth: ## measure what a history of many messages costs (history=1000000 takes 3 min; 10000000 takes 20 min and 8 GB)
	go test -count=1 -v -timeout 120m -run '^TestGrowth$$' ./internal/store -growth.messages $(history)

screenshots: tools ## take pictures of what people see in the browser tests, into .cache/screenshots
	rm -rf .cache/screenshots && mkdir -p .cache/screenshots
	SCREENSHOTS=$(CURDIR)/.cache/screenshots go test -count=1 -run '^TestBrowsers' ./internal/e2e
	@ls .cache/screenshots/*.png

pictures: tools ## take the pictures that the README shows, into docs/screenshots
	mkdir -p docs/screenshots
	SCREENSHOTS=$(CURDIR)/docs/screenshots go test -count=1 -run '^TestScreenshots$$' ./internal/e2e

.PHONY: upload-report page-report bench-page help run build test tools lint format js race fuzz crash abuse resume idle bench bench-growth bench-load bench-rooms bench-store bench-slow bench-day bench-peers screenshots pictures
