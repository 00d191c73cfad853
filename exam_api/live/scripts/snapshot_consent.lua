-- Note whether pictures are agreed to, where the attempt is known. Safe to resend.
-- KEYS[1] kw1:{sNN}:a:<attempt>
-- ARGV[1] 1 or 0
-- returns 1 when it was noted, 0 when the attempt is not armed
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
redis.call('HSET', KEYS[1], 'photos', ARGV[1])
return 1
