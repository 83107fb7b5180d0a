// Agent word-count in Go: docs/agent-protocol.md with the standard library alone.
//
//	go run word_count.go                                                 beside the stack of this checkout, from its top
//	NATS_URL=nats://user:password@127.0.0.1:4222 go run word_count.go    elsewhere
//
// Input {"text": "...", "workMs": 0}, output {"words": n}; it pretends to work for so long. To write another agent, change agentType and handle.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	agentType   = "word-count"
	askAfter    = 5 * time.Second // what waited longer may be over by now
	grace       = 5 * time.Second // for what is in hand when we have to stop
	maxMessage  = 4000
	workingWait = time.Second
)

var (
	instance = "word-count-go-" + token(3)
	bornAtMs = time.Now().UnixMilli() // of this process: tells it from an earlier one of the same name
	errLost  = errors.New("the connection to NATS is lost")
)

type object = map[string]any

// handle is the work itself. It gives an outcome: done, retry or fail; ctx ends when the work has become pointless.
func handle(ctx context.Context, input json.RawMessage, progress func(fraction float64, note string)) object {
	var in struct {
		Text   *string `json:"text"`
		WorkMs int64   `json:"workMs"`
	}
	if err := json.Unmarshal(input, &in); err != nil || in.Text == nil {
		return problem("fail", "INVALID_STEP_INPUT", "text: must be a string")
	}
	progress(0.5, "counting")
	select {
	case <-time.After(time.Duration(in.WorkMs) * time.Millisecond):
	case <-ctx.Done():
		return problem("retry", "STEP_FAILED", "nobody wants it any more")
	}
	return object{"kind": "done", "output": object{"words": len(strings.Fields(*in.Text))}}
}

func problem(kind, code, message string) object {
	if runes := []rune(message); len(runes) > maxMessage {
		message = string(runes[:maxMessage])
	}
	return object{"kind": kind, "error": object{"code": code, "message": message}}
}

// ---- the connection: publish, subscribe, request ----

type message struct {
	reply  string
	status int // 0, or what the server itself says
	data   []byte
}

type connection struct {
	socket  net.Conn
	reader  *bufio.Reader
	inboxes string
	writing sync.Mutex
	mutex   sync.Mutex
	inbox   map[string]chan message
	lost    chan struct{}
}

func connect(address string) (*connection, error) {
	at, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("NATS_URL is no URL")
	}
	host := at.Host
	if at.Port() == "" {
		host = net.JoinHostPort(at.Hostname(), "4222")
	}
	socket, err := net.DialTimeout("tcp", host, 5*time.Second)
	if err != nil {
		return nil, err
	}
	c := &connection{socket: socket, reader: bufio.NewReader(socket), inboxes: "_INBOX", inbox: map[string]chan message{}, lost: make(chan struct{})}
	options := object{"verbose": false, "headers": true, "no_responders": true, "lang": "go", "version": "1"}
	if at.User.Username() != "" {
		password, _ := at.User.Password()
		options["user"], options["pass"] = at.User.Username(), password
		c.inboxes = "_INBOX_OF." + at.User.Username() // nobody else may listen there
	}
	_ = socket.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err = c.reader.ReadString('\n'); err != nil { // INFO {...}
		return nil, err
	}
	hello, _ := json.Marshal(options)
	c.send([]byte(fmt.Sprintf("CONNECT %s\r\nPING\r\n", hello)))
	for line := ""; line != "PONG"; {
		if line, err = c.reader.ReadString('\n'); err != nil {
			return nil, err
		}
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "-ERR") {
			return nil, errors.New("NATS refused the connection: " + line)
		}
	}
	_ = socket.SetDeadline(time.Time{})
	go c.read()
	return c, nil
}

func (c *connection) send(data []byte) {
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = c.socket.SetWriteDeadline(time.Now().Add(5 * time.Second))
	if _, err := c.socket.Write(data); err != nil {
		_ = c.socket.Close() // the reader sees it
	}
}

func (c *connection) read() {
	defer close(c.lost)
	defer c.socket.Close()
	for {
		line, err := c.reader.ReadString('\n')
		if err != nil {
			return
		}
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		switch words[0] {
		case "PING":
			c.send([]byte("PONG\r\n"))
		case "-ERR":
			log.Print(strings.TrimSpace(line))
		case "MSG", "HMSG": // MSG subject sid [reply] size, HMSG subject sid [reply] head-size size
			sizes := 1
			if words[0] == "HMSG" {
				sizes = 2
			}
			size, _ := strconv.Atoi(words[len(words)-1])
			head := 0
			if sizes == 2 {
				head, _ = strconv.Atoi(words[len(words)-2])
			}
			body := make([]byte, size+2)
			if _, err := io.ReadFull(c.reader, body); err != nil {
				return
			}
			m := message{data: body[head:size]}
			if len(words) > 3+sizes {
				m.reply = words[3]
			}
			first, _, _ := bytes.Cut(body[:head], []byte("\r\n")) // NATS/1.0, or NATS/1.0 408 ...
			if fields := strings.Fields(string(first)); len(fields) > 1 {
				m.status, _ = strconv.Atoi(fields[1])
			}
			c.mutex.Lock()
			queue := c.inbox[words[2]]
			c.mutex.Unlock()
			if queue != nil {
				queue <- m
			}
		}
	}
}

func (c *connection) publish(subject string, data []byte, reply, messageID string) {
	var out bytes.Buffer
	if messageID == "" {
		fmt.Fprintf(&out, "PUB %s %s %d\r\n", subject, reply, len(data))
	} else {
		head := "NATS/1.0\r\nNats-Msg-Id: " + messageID + "\r\n\r\n"
		fmt.Fprintf(&out, "HPUB %s %s %d %d\r\n%s", subject, reply, len(head), len(head)+len(data), head)
	}
	out.Write(data)
	out.WriteString("\r\n")
	c.send(out.Bytes())
}

func (c *connection) say(subject string, body object) {
	data, _ := json.Marshal(body)
	c.publish(subject, data, "", "")
}

// subscribe gives what comes to an inbox of ours.
func (c *connection) subscribe() (inbox, sid string, messages chan message) {
	inbox = c.inboxes + "." + token(11)
	sid, messages = c.listen(inbox)
	return
}

func (c *connection) listen(subject string) (sid string, messages chan message) {
	sid, messages = token(4), make(chan message, 64)
	c.mutex.Lock()
	c.inbox[sid] = messages
	c.mutex.Unlock()
	c.send([]byte("SUB " + subject + " " + sid + "\r\n"))
	return
}

// receive gives the next message; none when none came in time. errLost when none can come any more.
func (c *connection) receive(messages chan message, within time.Duration) (*message, error) {
	select {
	case m := <-messages:
		return &m, nil
	case <-time.After(within):
		return nil, nil
	case <-c.lost:
		return nil, errLost
	}
}

// request gives the answer as JSON; an empty one when nobody answered.
func (c *connection) request(subject string, data []byte, messageID string, within time.Duration) (object, error) {
	inbox, sid, messages := c.subscribe()
	defer func() {
		c.mutex.Lock()
		delete(c.inbox, sid)
		c.mutex.Unlock()
		c.send([]byte("UNSUB " + sid + "\r\n"))
	}()
	c.publish(subject, data, inbox, messageID)
	m, err := c.receive(messages, within)
	answer := object{}
	if m != nil && m.status == 0 {
		_ = json.Unmarshal(m.data, &answer)
	}
	return answer, err
}

// store publishes to a stream until that says it has the message; the id makes repeating harmless.
func (c *connection) store(subject string, data []byte, messageID string) error {
	for {
		answer, err := c.request(subject, data, messageID, 2*time.Second)
		if err != nil || answer["seq"] != nil {
			return err
		}
		time.Sleep(250 * time.Millisecond)
	}
}

// ---- the agent ----

type step struct {
	TaskID      string          `json:"taskId"`
	TaskType    string          `json:"taskType"`
	StepID      string          `json:"stepId"`
	Attempt     int             `json:"attempt"`
	Reply       string          `json:"reply"`
	Token       string          `json:"token"`
	TimeoutMs   int64           `json:"timeoutMs"`
	ExpiresAtMs float64         `json:"expiresAtMs"`
	Alone       bool            `json:"alone"`
	Input       json.RawMessage `json:"input"`
}

// work is a message in hand: where it is settled, and what is known of its step.
type work struct {
	ack, seq   string
	data       []byte
	deliveries int
	storedMs   float64 // by the broker's clock
	step       *step
	end        context.CancelFunc
	startedAt  time.Time
	told       bool
	dropped    bool
	settled    bool
}

func (w *work) about() object {
	return object{"taskId": w.step.TaskID, "stepId": w.step.StepID, "attempt": w.step.Attempt}
}

type agent struct {
	nats     *connection
	stopping context.Context
	cordoned atomic.Bool  // drained by an operator: takes nothing new, and finishes what it has
	turns    sync.RWMutex // a step that has to be alone writes, all others read
	mutex    sync.Mutex   // over all that follows, and over what changes in a work
	inHand   map[string]*work
	alone    bool
	done     int
	failed   int
	aheadMs  float64 // the broker's clock, of ours that never jumps
	knowsMs  bool
}

func run(address string, stopping context.Context) error {
	nats, err := connect(address)
	if err != nil {
		return err
	}
	defer nats.socket.Close()
	a := &agent{nats: nats, stopping: stopping, inHand: map[string]*work{}}
	queues, err := a.register()
	if err != nil {
		return err
	}
	var workers sync.WaitGroup
	for _, queue := range queues {
		workers.Add(1)
		go func() {
			defer workers.Done()
			a.takeFrom(queue)
		}()
	}
	ended := make(chan struct{})
	go func() {
		workers.Wait()
		close(ended)
	}()
	go a.tellRunning()
	go a.hearOrders()
	return a.beatUntil(ended)
}

// beatUntil says every second how the instance is and what it has in hand, until the workers have ended or have to.
func (a *agent) beatUntil(ended chan struct{}) error {
	var leave <-chan time.Time
	tick := time.NewTicker(workingWait)
	defer tick.Stop()
	stopping := a.stopping.Done()
	for status := ""; ; {
		a.beat(status)
		select {
		case <-tick.C:
		case <-stopping:
			status, leave, stopping = "draining", time.After(grace), nil
		case <-leave:
			a.handBack(a.works())
			a.beat("stopped")
			return nil
		case <-a.nats.lost:
			return errLost
		case <-ended:
			a.beat("stopped")
			return nil
		}
		for _, w := range a.works() {
			a.nats.publish(w.ack, []byte("+WPI"), "", "") // still working: starts the 4 s anew
		}
	}
}

// register makes the queues of this agent type, and names them. There may be no orchestrator yet.
func (a *agent) register() (queues []string, err error) {
	body, _ := json.Marshal(object{"type": agentType, "instance": instance, "version": "1"})
	for a.stopping.Err() == nil {
		answer, err := a.nats.request("murmur.agents.register", body, "", 2*time.Second)
		if err != nil {
			return nil, err
		}
		if answer["ok"] == true {
			for _, queue := range answer["consumers"].([]any) {
				queues = append(queues, queue.(string))
			}
			a.cordoned.Store(answer["cordoned"] == true)
			return queues, nil
		}
		log.Printf("not registered: %v", answer)
		time.Sleep(500 * time.Millisecond)
	}
	return nil, nil
}

// hearOrders hears whether we may take new steps. What is lost on the way is told again when a heartbeat shows it.
func (a *agent) hearOrders() {
	_, messages := a.nats.listen("agents.cordon." + agentType + "." + instance)
	for {
		m, err := a.nats.receive(messages, time.Minute)
		if err != nil {
			return
		}
		order := object{}
		if m != nil && json.Unmarshal(m.data, &order) == nil && a.stopping.Err() == nil {
			a.cordoned.Store(order["cordoned"] == true)
			a.beat("")
		}
	}
}

// beat says how the instance is; without a status: that it takes steps, or is drained.
func (a *agent) beat(status string) {
	cordoned := a.cordoned.Load() && status == ""
	if cordoned {
		status = "draining"
	} else if status == "" {
		status = "ready"
	}
	a.mutex.Lock()
	body := object{
		"type": agentType, "instance": instance, "version": "1", "status": status, "startedAtMs": bornAtMs,
		"cordoned": cordoned,
		"capacity": 3, "inFlight": len(a.inHand), "completed": a.done, "failed": a.failed,
	}
	a.mutex.Unlock()
	a.nats.say("agents.heartbeat."+agentType+"."+instance, body)
}

// takeFrom works on one priority: none waits for another, so low ones are never starved.
func (a *agent) takeFrom(queue string) {
	inbox, _, messages := a.nats.subscribe()
	for a.stopping.Err() == nil {
		if a.cordoned.Load() {
			time.Sleep(100 * time.Millisecond)
			continue
		}
		ask := fmt.Sprintf(`{"batch": 1, "expires": %d}`, 2*time.Second) // nanoseconds
		a.nats.publish("$JS.API.CONSUMER.MSG.NEXT.STEPS."+queue, []byte(ask), inbox, "")
		m, err := a.nats.receive(messages, 4*time.Second)
		switch {
		case err != nil:
			return
		case m != nil && m.status == 0:
			if a.take(m) != nil {
				return
			}
		case m == nil || m.status != 404 && m.status != 408:
			time.Sleep(200 * time.Millisecond) // 409, 503 or silence: the consumer or its server is away
		}
	}
}

func (a *agent) take(m *message) error {
	w := newWork(m)
	a.mutex.Lock()
	a.inHand[w.ack] = w
	a.mutex.Unlock()
	defer func() {
		a.mutex.Lock()
		delete(a.inHand, w.ack)
		a.mutex.Unlock()
	}()
	if w.step == nil { // no step: kept for people, and never delivered again
		err := a.nats.store("dead."+agentType, w.data, "steps:"+w.seq+":dead")
		if err == nil {
			a.settle(w, "+TERM")
		}
		return err
	}
	alone := w.deliveries > 1 || w.step.Alone
	if alone {
		a.turns.Lock()
		defer a.turns.Unlock()
	} else {
		a.turns.RLock()
		defer a.turns.RUnlock()
	}
	return a.start(w, alone)
}

func newWork(m *message) *work {
	// $JS.ACK.<stream>.<consumer>.<deliveries>.<seq>.<consumer seq>.<time>.<pending>; longer with domain and account
	tokens := strings.Split(m.reply, ".")
	at := 4
	if len(tokens) != 9 {
		at = 6
	}
	w := &work{ack: m.reply, seq: tokens[at+1], data: m.data}
	w.deliveries, _ = strconv.Atoi(tokens[at])
	nanoseconds, _ := strconv.ParseFloat(tokens[at+3], 64)
	w.storedMs = nanoseconds / 1e6
	var s step
	if json.Unmarshal(m.data, &s) == nil && s.TaskID != "" && s.StepID != "" && s.Attempt > 0 && s.Reply != "" {
		w.step = &s
	}
	return w
}

// start asks where it has to, runs it, publishes its result, acknowledges: what crashes in between is done again.
func (a *agent) start(w *work, alone bool) error {
	if a.stopping.Err() != nil {
		a.handBack([]*work{w})
		return nil
	}
	now, known := a.brokerNowMs()
	if w.deliveries == 1 && known && w.step.ExpiresAtMs > 0 && now > w.step.ExpiresAtMs {
		outcome := problem("retry", "QUEUE_TIMEOUT", "it waited in the queue until its time was up")
		return a.report(w, outcome, time.Now())
	}
	if alone || !known || now-w.storedMs > float64(askAfter.Milliseconds()) {
		verdict, err := a.mayRun(w, alone)
		if err != nil || verdict == "" { // we stop, and it was handed back
			return err
		}
		if verdict == "drop" { // it is over
			a.settle(w, "+ACK")
			return nil
		}
	}
	ctx, end := context.WithTimeout(context.Background(), time.Duration(max(w.step.TimeoutMs, 1))*time.Millisecond)
	defer end()
	a.mutex.Lock()
	w.startedAt, w.end, a.alone = time.Now(), end, alone
	a.mutex.Unlock()
	return a.report(w, a.outcome(ctx, w), w.startedAt)
}

// outcome is the handler's own, or a timeout: a handler that ignores its context is left behind.
func (a *agent) outcome(ctx context.Context, w *work) object {
	if bytes.Contains(w.data, []byte(`"$json"`)) {
		return problem("fail", "BLOB_INPUT_UNSUPPORTED", "this agent can't read inputs from the object store")
	}
	progress := func(fraction float64, note string) {
		event := w.about()
		event["v"], event["kind"], event["type"] = 1, "progress", w.step.TaskType
		event["atMs"], event["fraction"], event["note"] = time.Now().UnixMilli(), fraction, note
		a.nats.say("tasks.events."+w.step.TaskType+"."+w.step.TaskID+".progress", event)
	}
	result := make(chan object, 1)
	go func() {
		defer func() {
			if fault := recover(); fault != nil {
				result <- problem("retry", "STEP_FAILED", fmt.Sprint(fault))
			}
		}()
		result <- handle(ctx, w.step.Input, progress)
	}()
	select {
	case outcome := <-result:
		return outcome
	case <-ctx.Done():
		return problem("retry", "STEP_TIMEOUT", fmt.Sprintf("it did not end within %d ms", w.step.TimeoutMs))
	}
}

func (a *agent) mayRun(w *work, alone bool) (verdict string, err error) {
	for pause := 250 * time.Millisecond; a.stopping.Err() == nil; pause = min(2*pause, 5*time.Second) {
		verdicts, err := a.ask([]*work{w}, alone, false)
		if err != nil || len(verdicts) > 0 {
			return strings.Join(verdicts, ""), err
		}
		select { // nobody can say just now
		case <-time.After(pause):
		case <-a.stopping.Done():
		}
	}
	a.handBack([]*work{w})
	return "", nil
}

// ask gives one verdict a step, none when nobody answers. It hears the broker's clock as well.
func (a *agent) ask(works []*work, alone, running bool) (verdicts []string, err error) {
	steps := []object{}
	for _, w := range works {
		about := w.about()
		about["deliveries"], about["alone"], about["running"] = w.deliveries, alone, running
		steps = append(steps, about)
	}
	body, _ := json.Marshal(object{"instance": instance, "bornAtMs": bornAtMs, "steps": steps})
	answer, err := a.nats.request("murmur.steps.start."+agentType, body, "", 2*time.Second)
	if now, ok := answer["brokerNowMs"].(float64); ok {
		a.mutex.Lock()
		a.aheadMs, a.knowsMs = now-sinceBornMs(), true
		a.mutex.Unlock()
	}
	list, _ := answer["verdicts"].([]any)
	for _, verdict := range list {
		verdicts = append(verdicts, fmt.Sprint(verdict.(object)["verdict"]))
	}
	return verdicts, err
}

// tellRunning says it once about each that has run for a second.
func (a *agent) tellRunning() {
	for {
		select {
		case <-a.nats.lost:
			return
		case <-time.After(250 * time.Millisecond):
		}
		due := []*work{}
		a.mutex.Lock()
		alone := a.alone
		for _, w := range a.inHand {
			if !w.told && !w.startedAt.IsZero() && time.Since(w.startedAt) >= time.Second {
				due = append(due, w)
			}
		}
		a.mutex.Unlock()
		if len(due) == 0 {
			continue
		}
		verdicts, _ := a.ask(due, alone, true)
		a.mutex.Lock()
		for i, verdict := range verdicts {
			due[i].told, due[i].dropped = true, verdict == "drop"
			if verdict == "drop" {
				due[i].end()
			}
		}
		a.mutex.Unlock()
	}
}

// report publishes the result first and acknowledges second. What was dropped or handed back has no result.
func (a *agent) report(w *work, outcome object, startedAt time.Time) error {
	a.mutex.Lock()
	hasResult := !w.dropped && !w.settled
	a.mutex.Unlock()
	if hasResult {
		result := w.about()
		result["v"], result["instance"], result["outcome"] = 1, instance, outcome
		result["startedAtMs"], result["finishedAtMs"] = startedAt.UnixMilli(), time.Now().UnixMilli()
		if w.step.Token != "" {
			result["token"] = w.step.Token
		}
		data, _ := json.Marshal(result)
		id := fmt.Sprintf("%s:%s:%d:result:%s:%d", w.step.TaskID, w.step.StepID, w.step.Attempt, instance, startedAt.UnixMilli())
		if err := a.nats.store(w.step.Reply, data, id); err != nil {
			return err
		}
		a.mutex.Lock()
		if outcome["kind"] == "done" {
			a.done++
		} else {
			a.failed++
		}
		a.mutex.Unlock()
	}
	a.settle(w, "+ACK")
	return nil
}

// handBack returns steps that are not done when we stop: others get them at once, and no mark is made against them.
func (a *agent) handBack(works []*work) {
	steps := []object{}
	for _, w := range works {
		if w.step != nil {
			steps = append(steps, w.about())
		}
	}
	if len(steps) > 0 {
		body, _ := json.Marshal(object{"instance": instance, "steps": steps})
		_, _ = a.nats.request("murmur.steps.release."+agentType, body, "", 500*time.Millisecond)
	}
	for _, w := range works {
		a.settle(w, "-NAK")
	}
}

func (a *agent) settle(w *work, how string) {
	a.mutex.Lock()
	first := !w.settled
	w.settled = true
	a.mutex.Unlock()
	if first {
		a.nats.publish(w.ack, []byte(how), "", "")
	}
}

func (a *agent) works() (works []*work) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	for _, w := range a.inHand {
		if !w.settled {
			works = append(works, w)
		}
	}
	return works
}

func (a *agent) brokerNowMs() (nowMs float64, known bool) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.aheadMs + sinceBornMs(), a.knowsMs
}

// sinceBornMs never jumps, whatever is done to the clock of this machine.
func sinceBornMs() float64 {
	return float64(time.Since(began)) / float64(time.Millisecond)
}

var began = time.Now()

func token(size int) string {
	random := make([]byte, size)
	_, _ = rand.Read(random)
	return hex.EncodeToString(random)
}

// natsURL is where NATS is; the stack of this checkout writes it anew at each of its starts.
func natsURL() (string, error) {
	if named := os.Getenv("NATS_URL"); named != "" {
		return named, nil
	}
	home := os.Getenv("MURMUR_HOME")
	if home == "" {
		home = ".murmur"
	}
	text, err := os.ReadFile(filepath.Join(home, "run", "stack.json"))
	if err != nil {
		return "", err
	}
	var note struct {
		AgentURL string `json:"agentUrl"`
	}
	err = json.Unmarshal(text, &note)
	return note.AgentURL, err
}

func main() {
	stopping, end := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer end()
	for stopping.Err() == nil {
		address, err := natsURL()
		if err == nil {
			err = run(address, stopping)
		}
		if err != nil {
			log.Printf("%v; trying again", err)
			time.Sleep(500 * time.Millisecond)
		}
	}
}
