-- The last alert about a state of a camera, and the last end of that state that was heard of; an end that is told now is remembered.
--
-- KEYS[1] marker (hash): the history is here   KEYS[2] what is known of the state (hash: alert, endedAtMs)
-- ARGV[1] what keys of alerts begin with (one hash tag)   ARGV[2] when the state ended (ms), '' unknown
-- ARGV[3] how long what has no alert is remembered (ms)
--
-- Returns {'unready'}   the history is not here: make it again first
--         {'found', endedAtMs or '', alert id or '', fields of the alert: field, value …}
if redis.call('EXISTS', KEYS[1]) == 0 then return { 'unready' } end
local known = redis.call('HMGET', KEYS[2], 'alert', 'endedAtMs')
if ARGV[2] ~= '' and (not known[2] or tonumber(ARGV[2]) > tonumber(known[2])) then
  redis.call('HSET', KEYS[2], 'endedAtMs', ARGV[2])
  if not known[1] then redis.call('PEXPIRE', KEYS[2], ARGV[3]) end
end
local found = { 'found', known[2] or '', known[1] or '' }
if known[1] then
  for _, field in ipairs(redis.call('HGETALL', ARGV[1] .. known[1])) do found[#found + 1] = field end
end
return found
