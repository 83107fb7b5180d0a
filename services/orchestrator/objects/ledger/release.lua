-- Gives back what was set aside for an object that is not stored.
--
-- KEYS[1] used (hash: bytes by tenant)     KEYS[2] open (hash: upload to "bytes tenant key")     KEYS[3] stale (zset)
-- ARGV[1] upload     ARGV[2] only when it is stale at this time (ms; '' at once)
--
-- Returns 1 given back, 0 there was none, or somebody is at it again.
local found = redis.call('HGET', KEYS[2], ARGV[1])
if ARGV[2] ~= '' then
  local at = redis.call('ZSCORE', KEYS[3], ARGV[1])
  if at and tonumber(at) > tonumber(ARGV[2]) then return 0 end
end
redis.call('ZREM', KEYS[3], ARGV[1])
if not found then return 0 end
local bytes, tenant = string.match(found, '^(%d+) (%S+)')
redis.call('HDEL', KEYS[2], ARGV[1])
if redis.call('HINCRBY', KEYS[1], tenant, string.format('%.0f', 0 - bytes)) <= 0 then redis.call('HDEL', KEYS[1], tenant) end
return 1
