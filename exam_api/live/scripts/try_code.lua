-- Compare a code and count: the right one is used up, five wrong ones kill it.
-- KEYS[1] kw1:{lNN}:code:<blind> or kw1:{sNN}:a:<attempt>:takeover
-- KEYS[2] kw1:{lNN}:rate:<kind>:<key>
-- ARGV[1] hash of the code that was given   ARGV[2] with KEYS[2]: from so many failures on nothing is tried
-- returns 1 for the right code, 0 for another, -1 when nothing was tried
local TRIES_MAX = 5
if KEYS[2] and tonumber(redis.call('GET', KEYS[2]) or 0) >= tonumber(ARGV[2]) then
  return -1
end
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
