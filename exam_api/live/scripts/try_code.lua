-- Compare a code and count: the right one is used up, five wrong ones kill it.
-- KEYS[1] kw1:{lNN}:code:<blind> or kw1:{sNN}:a:<attempt>:takeover
-- ARGV[1] hash of the code that was given
-- returns 1 for the right code, else 0
local TRIES_MAX = 5
local c = redis.call('HMGET', KEYS[1], 'code', 'tries')
if not c[1] then
  return 0
end
if c[1] == ARGV[1] then
  redis.call('DEL', KEYS[1])
  return 1
end
if redis.call('HINCRBY', KEYS[1], 'tries', 1) >= TRIES_MAX then
  redis.call('DEL', KEYS[1])
end
return 0
