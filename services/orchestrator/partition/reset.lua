-- Begins to reset a partition: nobody may commit until it is done. Which tasks there were is kept, to tell what was lost.
--
-- KEYS[1] partition (hash)   KEYS[2] index (zset)   KEYS[3] tasks that there were before a reset (zset)
-- KEYS[4…9] timers, depth, tenants, open approvals, cameras, steps
-- ARGV[1] offset that must be there ('*' for any)
--
-- Returns 1 begun, or begun before and not done; 0 refused: another offset is there.
local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'hash' and redis.call('HGET', KEYS[1], 'clearing') == '1' then return 1 end
if ARGV[1] ~= '*' and (kind ~= 'hash' or redis.call('HGET', KEYS[1], 'offset') ~= ARGV[1]) then return 0 end
if redis.call('TYPE', KEYS[2]).ok == 'zset' then
  if redis.call('TYPE', KEYS[3]).ok == 'zset' then
    redis.call('ZUNIONSTORE', KEYS[3], 2, KEYS[3], KEYS[2], 'AGGREGATE', 'MAX')
  else
    redis.call('RENAME', KEYS[2], KEYS[3])
  end
end
-- Which finished tasks have left for the archive stays known: they are there, whatever the log is.
local left = kind == 'hash' and redis.call('HGET', KEYS[1], 'left')
redis.call('DEL', KEYS[1], KEYS[2], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9])
redis.call('HSET', KEYS[1], 'offset', 0, 'emitted', 0, 'level', 0, 'clearing', 1)
if left then redis.call('HSET', KEYS[1], 'left', left) end
return 1
