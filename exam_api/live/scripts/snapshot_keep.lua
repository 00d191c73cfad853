-- Put a kept picture into the log, once for each picture in turn. Safe to resend.
-- KEYS[1] kw1:{sNN}:a:<attempt>
-- KEYS[2] kw1:{sNN}:log
-- ARGV[1] digest   ARGV[2] at_ms   ARGV[3] fence   ARGV[4] the snapshot as JSON
-- returns 1 when it was put there, 0 when it was there, or its attempt is forgotten
local h = redis.call('HMGET', KEYS[1], 'id', 'sid', 'shot_kept')
if not h[1] or h[3] == ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'shot_kept', ARGV[1])
redis.call('XADD', KEYS[2], '*', 'k', 'snapshot', 'a', h[1], 's', h[2], 't', ARGV[2], 'f', ARGV[3], 'b', 0,
  'd', ARGV[4])
return 1
