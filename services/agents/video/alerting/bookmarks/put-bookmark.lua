-- Keeps a bookmark; where there are as many as there may be, those that are older than alerts are kept make room.
--
-- KEYS[1] bookmarks of the tenant (hash: id, JSON)
-- ARGV[1] id   ARGV[2] bookmark (JSON)   ARGV[3] bookmarks at most   ARGV[4] made before this, they may go (ms)
--
-- Returns 'full'  there are so many already
--         'done'
local function is_full()
  return redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) and redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0
end
if is_full() then
  local fields = redis.call('HGETALL', KEYS[1])
  for i = 1, #fields, 2 do
    if cjson.decode(fields[i + 1]).madeAtMs < tonumber(ARGV[4]) then redis.call('HDEL', KEYS[1], fields[i]) end
  end
  if is_full() then return 'full' end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 'done'
