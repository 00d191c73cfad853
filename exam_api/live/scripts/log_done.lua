-- Entries are in the record: acknowledge them and trim what nobody needs any more.
-- KEYS[1] kw1:{sNN}:log
-- ARGV[1] group   ARGV[2] margin_ms kept for watchers   ARGV[3…] ids, oldest first
-- returns how many entries were trimmed
for i = 3, #ARGV do
  redis.call('XACK', KEYS[1], ARGV[1], ARGV[i])
end
local from = tonumber(string.match(ARGV[#ARGV], '^%d+')) - tonumber(ARGV[2])
local pending = redis.call('XPENDING', KEYS[1], ARGV[1])
if pending[1] > 0 then
  from = math.min(from, tonumber(string.match(pending[2], '^%d+')))
end
return redis.call('XTRIM', KEYS[1], 'MINID', '~', string.format('%.0f-0', from))
