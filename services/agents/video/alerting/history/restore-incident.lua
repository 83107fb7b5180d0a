-- Puts back what is known of a state of a camera, from an alert that was read from the stream.
--
-- KEYS[1] what is known of the state (hash: alert, endedAtMs)   KEYS[2] alert (hash)
-- KEYS[3] alerts whose incident is not closed, by when it will be (zset)
-- ARGV[1] alert id   ARGV[2] when it was raised (ms)   ARGV[3] its revision   ARGV[4] when it will be closed (ms), +inf, or '' it is closed
-- ARGV[5] what keys of alerts begin with (one hash tag)   ARGV[6] time to live (ms)
--
-- Returns 1 put back; 0 something newer is there.
local known = redis.call('HGET', KEYS[1], 'alert')
if known and known ~= ARGV[1] then
  local raised = redis.call('HGET', ARGV[5] .. known, 'alert')
  if raised and cjson.decode(raised).raisedAtMs >= tonumber(ARGV[2]) then return 0 end
end
if (redis.call('HGET', KEYS[2], 'revision') or '0') ~= ARGV[3] then return 0 end
redis.call('HSET', KEYS[1], 'alert', ARGV[1])
if ARGV[4] == '' then
  redis.call('PEXPIRE', KEYS[1], ARGV[6])
else
  redis.call('PERSIST', KEYS[1])
  redis.call('PERSIST', KEYS[2])
  redis.call('ZADD', KEYS[3], ARGV[4], ARGV[1])
end
return 1
