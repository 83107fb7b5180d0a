-- Writes what a batch of events made of the tasks of one partition, together with the offset: only when the offset is the
-- one the batch started from, and the last commit is this owner's own. This is the fence: a stale owner finds another offset, or,
-- after the store has lost commits, the same offset of another owner's making. The offset is written last: should a command fail on
-- the way, the batch counts as not written, and all before it may be written again.
--
-- KEYS[1] partition (hash: offset, emitted, token, level, stream, at, clearing)
-- KEYS[2] timers (zset: task id by due time)            KEYS[3] index (zset: task id by creation time)
-- KEYS[4] depth (hash: active tasks by type)            KEYS[5] tenants (hash: active tasks by tenant)
-- KEYS[6] tasks that there were before a reset (zset)    KEYS[7] open approvals (zset of names, all of score 0)
-- KEYS[8] cameras that tasks may hold (hash: number and tenant by task)
-- KEYS[9] steps of agents that are ready, to come, done (hash: number by agent, priority and which)
-- KEYS[10…] for each task: its state; its definition where the task is new or has a time to live; and the outputs of items of each
--          of its lists that changed (hash: index to JSON)
-- ARGV[1] expected offset ('' when there must be none)  ARGV[2] new offset    ARGV[3] emitted watermark
-- ARGV[4] token of this commit, `<claim>.<number>`: number 0 claims the partition, n has to come right behind n - 1. Releases without
--          claims send a unique one without a number.
-- ARGV[5] 1 when the partition is level, 0 while it is rebuilt
-- ARGV[6] when the stream was made                      ARGV[7] when the message at the offset was stored (ms)
-- ARGV[8] number of depth changes, then for each: type, delta
-- then the number of changes by tenant, then for each: tenant, delta
-- then the number of changes of steps, then for each: name, delta
-- then the number of approvals that opened or closed, then for each: name, 1 opened or 0 closed
-- then the number of tasks whose cameras are said, then for each: id, number and tenant ('' none)
-- then for each task: id, state (JSON), time to live (ms, '' for ever, '0' takes it away), due (ms; '' none, '=' as it is),
--                     created (ms, '' not new), definition (JSON when new, '' otherwise), number of lists that changed,
--                     then for each: number of items (-1: forget all of them), then for each: index, outcome (JSON)
--
-- Returns 1 committed (also when this very commit had gone through before and only its answer was lost);
--         0 refused, nothing written: another offset is there, another owner has claimed the partition, or it is being reset.
local found = redis.call('HMGET', KEYS[1], 'offset', 'token', 'clearing')
local offset = found[1] or ''
if found[3] == '1' then return 0 end
if offset ~= ARGV[1] or found[2] == ARGV[4] then
  if offset == ARGV[2] and found[2] == ARGV[4] then return 1 end
  return 0
end
local claim, number = string.match(ARGV[4], '^(.*)%.(%d+)$')
if number and number ~= '0' and found[2] ~= claim .. '.' .. string.format('%d', number - 1) then return 0 end
local function after(at) return at + 1 + 2 * tonumber(ARGV[at]) end
local at = after(after(after(after(after(8)))))
local key = 10
while key <= #KEYS do
  local id, state, ttl = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local due, created, definition = ARGV[at + 3], ARGV[at + 4], ARGV[at + 5]
  if ttl == '0' then
    redis.call('DEL', KEYS[key], KEYS[key + 1])
    redis.call('ZREM', KEYS[3], id)
    redis.call('ZREM', KEYS[6], id)
    key = key + 2
  else
    if ttl == '' then redis.call('SET', KEYS[key], state) else redis.call('SET', KEYS[key], state, 'PX', ttl) end
    key = key + 1
    if created ~= '' then
      redis.call('ZADD', KEYS[3], created, id)
      redis.call('SET', KEYS[key], definition)
    end
    if ttl ~= '' then redis.call('PEXPIRE', KEYS[key], ttl) end
    if created ~= '' or ttl ~= '' then key = key + 1 end
  end
  if due == '' then redis.call('ZREM', KEYS[2], id) elseif due ~= '=' then redis.call('ZADD', KEYS[2], due, id) end
  local lists = tonumber(ARGV[at + 6])
  at = at + 7
  for _ = 1, lists do
    local items = tonumber(ARGV[at])
    at = at + 1
    if items < 0 then
      redis.call('UNLINK', KEYS[key])
    else
      for _ = 1, items do
        redis.call('HSET', KEYS[key], ARGV[at], ARGV[at + 1])
        at = at + 2
      end
      -- Should a task be lost, what stands beside it goes by itself: no task takes so long.
      redis.call('PEXPIRE', KEYS[key], 7776000000)
    end
    key = key + 1
  end
end
at = 9
for _ = 1, tonumber(ARGV[8]) do
  if redis.call('HINCRBY', KEYS[4], ARGV[at], ARGV[at + 1]) == 0 then redis.call('HDEL', KEYS[4], ARGV[at]) end
  at = at + 2
end
-- Tasks that a release without these counts accepted are not in them: they only leave.
for _, counts in ipairs({ KEYS[5], KEYS[9] }) do
  local changes = tonumber(ARGV[at])
  at = at + 1
  for _ = 1, changes do
    if redis.call('HINCRBY', counts, ARGV[at], ARGV[at + 1]) <= 0 then redis.call('HDEL', counts, ARGV[at]) end
    at = at + 2
  end
end
local approvals = tonumber(ARGV[at])
at = at + 1
for _ = 1, approvals do
  if ARGV[at + 1] == '1' then redis.call('ZADD', KEYS[7], 0, ARGV[at]) else redis.call('ZREM', KEYS[7], ARGV[at]) end
  at = at + 2
end
local cameras = tonumber(ARGV[at])
at = at + 1
for _ = 1, cameras do
  if ARGV[at + 1] == '' then redis.call('HDEL', KEYS[8], ARGV[at]) else redis.call('HSET', KEYS[8], ARGV[at], ARGV[at + 1]) end
  at = at + 2
end
redis.call('HSET', KEYS[1], 'offset', ARGV[2], 'emitted', ARGV[3], 'token', ARGV[4], 'level', ARGV[5],
  'stream', ARGV[6], 'at', ARGV[7])
return 1
