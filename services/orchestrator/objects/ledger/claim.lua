-- Takes objects out of what is counted, so that they can be taken away: only what no task keeps. From here on nobody can begin to keep
-- them. Until `settle` says that they are gone they stand among those that are going.
--
-- KEYS[1] phase of the ledger              KEYS[2] used (hash: bytes by tenant)     KEYS[3] objects (hash: key to "size tenant")
-- KEYS[4] due (zset: target by time)       KEYS[5] going (hash: key to the time)    KEYS[6] who keeps the target (zset)
-- KEYS[7] keys of the task (set); of an upload there is none
-- ARGV[1] target     ARGV[2] now (ms)     ARGV[3] objects, at most     ARGV[4] one key of the target, whenever it is due ('': all, when due)
--
-- Returns 0 when it is kept, or not due, or nobody knows yet what is kept; else 1, then the keys.
local phase = redis.call('GET', KEYS[1])
if not phase or string.sub(phase, 1, 9) ~= 'complete ' then return { 0 } end
if redis.call('ZCARD', KEYS[6]) > 0 then return { 0 } end
local at = redis.call('ZSCORE', KEYS[4], ARGV[1])
if ARGV[4] == '' and (not at or tonumber(at) > tonumber(ARGV[2])) then return { 0 } end
local keys
if ARGV[4] ~= '' then
  keys = { ARGV[4] }
  if KEYS[7] then redis.call('SREM', KEYS[7], ARGV[4]) end
elseif KEYS[7] then
  keys = redis.call('SPOP', KEYS[7], ARGV[3])
else
  -- The target of an upload is "o:" and its key.
  keys = { string.sub(ARGV[1], 3) }
end
local answer = { 1 }
for _, key in ipairs(keys) do
  local found = redis.call('HGET', KEYS[3], key)
  if found then
    local size, tenant = string.match(found, '^(%d+) (.*)$')
    redis.call('HDEL', KEYS[3], key)
    redis.call('HSET', KEYS[5], key, ARGV[2])
    if redis.call('HINCRBY', KEYS[2], tenant, string.format('%.0f', 0 - size)) <= 0 then redis.call('HDEL', KEYS[2], tenant) end
    answer[#answer + 1] = key
  end
end
if not KEYS[7] or redis.call('SCARD', KEYS[7]) == 0 then redis.call('ZREM', KEYS[4], ARGV[1]) end
return answer
