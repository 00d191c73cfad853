-- Show several attempts of one shard as they are. needs view
-- KEYS[1] kw1:{sNN}:a:<attempt>
-- KEYS[2] kw1:{sNN}:a:<attempt>:answers
-- and further pairs
-- returns for each pair what view tells
local found = {}
for at = 1, #KEYS, 2 do
  found[#found + 1] = view(KEYS[at], KEYS[at + 1])
end
return found
