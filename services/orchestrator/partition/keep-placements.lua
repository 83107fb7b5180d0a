-- Keeps who got steps of tasks of one partition, beside their states. Nothing depends on it.
--
-- KEYS[1] since when all placements are kept (unix ms)   KEYS[2…] for each task: its placements (hash: step to JSON)
-- ARGV[1] now (unix ms); then for each task: time to live (ms), number of steps, then for each: step, placement (JSON)
--
-- Returns 1.
redis.call('SET', KEYS[1], ARGV[1], 'NX')
local at = 2
for i = 2, #KEYS do
  local ttl, steps = ARGV[at], tonumber(ARGV[at + 1])
  at = at + 2
  for _ = 1, steps do
    redis.call('HSET', KEYS[i], ARGV[at], ARGV[at + 1])
    at = at + 2
  end
  if redis.call('PTTL', KEYS[i]) < tonumber(ttl) then redis.call('PEXPIRE', KEYS[i], ttl) end
end
return 1
