-- Put a later score run in the place of the one that is kept. Safe to resend; an older run changes nothing.
-- KEYS[1] kw1:{sNN}:a:<attempt>
-- ARGV[1] result   ARGV[2] number of its run
-- returns 1 when it was put, 0 when the attempt is forgotten, not closed, or holds this run or a later one
local h = redis.call('HMGET', KEYS[1], 'st', 'result', 'run')
if h[1] ~= 'closed' or h[2] == '' or tonumber(h[3] or 1) >= tonumber(ARGV[2]) then
  return 0
end
redis.call('HSET', KEYS[1], 'result', ARGV[1], 'run', ARGV[2])
return 1
