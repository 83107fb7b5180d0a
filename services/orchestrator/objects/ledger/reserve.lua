-- Sets bytes of a tenant aside for an object that is being written, or more of them: what was set aside is never made less.
--
-- KEYS[1] phase of the ledger     KEYS[2] used (hash: bytes by tenant)     KEYS[3] open (hash: upload to "bytes tenant key")
-- KEYS[4] stale (zset: upload by the time at which nobody is at it any more)
-- ARGV[1] upload     ARGV[2] tenant     ARGV[3] key of the object     ARGV[4] bytes in all     ARGV[5] bytes that the tenant may have (0: any)
-- ARGV[6] when it is stale (ms)         ARGV[7] '1': only when what there is has been counted
--
-- Returns 1 reserved, 0 refused: the tenant has no room, -1 refused: not counted yet; then what the tenant uses.
local phase = redis.call('GET', KEYS[1])
if ARGV[7] == '1' and (not phase or string.sub(phase, 1, 8) == 'counting') then return { -1, 0 } end
local found = redis.call('HGET', KEYS[3], ARGV[1])
local had = found and tonumber(string.match(found, '^(%d+)')) or 0
local used = tonumber(redis.call('HGET', KEYS[2], ARGV[2]) or 0)
local wanted, limit = tonumber(ARGV[4]), tonumber(ARGV[5])
if wanted > had then
  if limit > 0 and used + wanted - had > limit then return { 0, used } end
  used = redis.call('HINCRBY', KEYS[2], ARGV[2], string.format('%.0f', wanted - had))
else
  wanted = had
end
redis.call('HSET', KEYS[3], ARGV[1], string.format('%.0f', wanted) .. ' ' .. ARGV[2] .. ' ' .. ARGV[3])
redis.call('ZADD', KEYS[4], ARGV[6], ARGV[1])
return { 1, used }
