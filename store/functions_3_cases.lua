-- SPDX-License-Identifier: Apache-2.0
--
-- Claims, and the cases whose timers are claimed.

-- ---- claims, of timers and of messages ----

-- What a claim remembers: mark, owner, session, number of the claim call, score.
local function claim_text(mark, owner, session, sequence, score)
    return mark .. table.concat({ owner, session, sequence, score }, '\0')
end

local function claim_parse(text)
    local owner, session, sequence, score = string.match(text, '^.([^%z]*)%z([^%z]*)%z(%d*)%z(.*)$')
    return owner, session, tonumber(sequence), score
end

-- Who claims, as the callers send it from args[at] on: owner, session, sequence, '1' to take
-- back what earlier sessions had, first and last claim call whose answer was lost, lease ms.
local function claimer_read(args, at)
    return {
        owner = args[at],
        session = args[at + 1],
        sequence = args[at + 2],
        older = args[at + 3] == '1',
        lost_from = tonumber(args[at + 4]),
        lost_to = tonumber(args[at + 5]),
        lease_ms = tonumber(args[at + 6]),
        real_ms = real_ms(),
    }
end

local function may_take_back(who, text)
    local owner, session, sequence = claim_parse(text)
    if owner ~= who.owner then
        return false
    end
    if session ~= who.session then
        return who.older
    end
    return sequence >= who.lost_from and sequence <= who.lost_to
end

-- names: the keys waiting, claims, claimed. Adds {member, score, mark} to the list of found.
local function find_left(names, who, max, found, known)
    local members = {}
    if who.older or who.lost_from <= who.lost_to then
        for _, member in ipairs(redis.call('ZRANGE', names.claims, 0, -1)) do
            members[#members + 1] = member
        end
    else
        members = redis.call(
            'ZRANGE', names.claims, '-inf', whole(who.real_ms), 'BYSCORE', 'LIMIT', 0, max)
    end
    for _, member in ipairs(members) do
        if #found == max then
            return
        end
        local text = redis.call('HGET', names.claimed, member)
        local ends = tonumber(redis.call('ZSCORE', names.claims, member))
        if text and (ends <= who.real_ms or may_take_back(who, text)) then
            local _, _, _, score = claim_parse(text)
            found[#found + 1] = { member, score, string.sub(text, 1, 1) }
            known[member] = true
        end
    end
end

local function find_due(names, now, max, found, known)
    local due = redis.call(
        'ZRANGE', names.waiting, '-inf', now, 'BYSCORE', 'LIMIT', 0, max, 'WITHSCORES')
    for i = 1, #due, 2 do
        if #found == max then
            return
        end
        if known[due[i]] then
            known[due[i]] = 'due' -- leaves the waiting ones, is answered once
        else
            found[#found + 1] = { due[i], due[i + 1], '0' }
            known[due[i]] = 'due'
        end
    end
end

local function claim_types(names)
    return wrong_types({
        names.waiting, 'zset', names.claims, 'zset', names.claimed, 'hash' })
end

-- The things this call takes; writes nothing.
local function claim_find(names, who, now, max)
    local found, known = {}, {}
    find_left(names, who, max, found, known)
    find_due(names, now, max, found, known)
    return found, known
end

local function claim_write(names, who, found, known)
    if #found == 0 then
        return
    end
    local leases, texts, gone = {}, {}, {}
    local ends = whole(who.real_ms + who.lease_ms)
    for _, one in ipairs(found) do
        leases[#leases + 1] = ends
        leases[#leases + 1] = one[1]
        texts[#texts + 1] = one[1]
        texts[#texts + 1] = claim_text(one[3], who.owner, who.session, who.sequence, one[2])
    end
    for member, how in pairs(known) do
        if how == 'due' then
            gone[#gone + 1] = member
        end
    end
    call_all('ZADD', names.claims, leases)
    call_all('HSET', names.claimed, texts)
    call_all('ZREM', names.waiting, gone)
end

local function next_score(waiting)
    local first = redis.call('ZRANGE', waiting, 0, 0, 'WITHSCORES')
    return first[2] or ''
end

-- ---- cases ----

local function timer_names(base)
    return { waiting = base .. 'timers', claims = base .. 'claims', claimed = base .. 'claimed' }
end

-- A record is "<version>;" and the packed bytes.
local function version_of(value)
    local version = string.match(value, '^(%d+);')
    return version and tonumber(version)
end

local STEP_ARGS = 8 -- before a step's acknowledgements

local function steps_read(args)
    local steps, at = {}, 2
    while at <= #args do
        local step = {
            id = args[at],
            expected = tonumber(args[at + 1]),
            record = args[at + 2],
            wake = args[at + 3],
            release = args[at + 4] == '1',
            facts = args[at + 5],
            outbox = args[at + 6],
            acks = {},
        }
        local acks = tonumber(args[at + 7])
        if not step.expected or not acks or at + STEP_ARGS + acks - 1 > #args then
            return nil
        end
        if step.wake ~= '' and not is_number(step.wake) then
            return nil
        end
        for i = at + STEP_ARGS, at + STEP_ARGS + acks - 1 do
            if not is_position(args[i]) then
                return nil
            end
            step.acks[#step.acks + 1] = args[i]
        end
        steps[#steps + 1] = step
        at = at + STEP_ARGS + acks
    end
    return steps
end

-- Fills step.fits; an error where a key holds something foreign.
local function versions_check(base, steps)
    local keys, of, seen = {}, {}, {}
    for _, step in ipairs(steps) do
        step.fits = not seen[step.id] or step.id == ''
        seen[step.id] = true
        if step.id ~= '' then
            keys[#keys + 1] = base .. 'case:' .. step.id
            of[#of + 1] = step
        end
    end
    if #keys == 0 then
        return nil
    end
    local values = redis.call('MGET', unpack(keys))
    for i, step in ipairs(of) do
        local version = 0
        if values[i] then
            version = version_of(values[i])
        else
            local wrong = wrong_type(keys[i], 'string') -- MGET says nothing about a foreign type
            if wrong then
                return wrong
            end
        end
        if not version then
            return bad_data(keys[i])
        end
        step.fits = step.fits and version == step.expected
    end
    return nil
end

-- The claims among the steps' that are this owner's.
local function releases_find(base, owner, steps)
    local ids = {}
    for _, step in ipairs(steps) do
        if step.fits and step.release and step.id ~= '' then
            ids[#ids + 1] = step.id
        end
    end
    local ours = {}
    if #ids > 0 then
        for i, text in ipairs(redis.call('HMGET', base .. 'claimed', unpack(ids))) do
            if text and claim_parse(text) == owner then
                ours[#ours + 1] = ids[i]
            end
        end
    end
    return ours
end

local function commit_check(base, steps)
    local wrong = wrong_types({
        base .. 'timers', 'zset', base .. 'claims', 'zset', base .. 'claimed', 'hash',
        base .. 'journal', 'stream', base .. 'outbox', 'stream', base .. 'events', 'stream',
        base .. 'version', 'string' })
    if wrong then
        return wrong
    end
    local version = redis.call('GET', base .. 'version')
    if version and not is_number(version) then
        return bad_data(base .. 'version')
    end
    return versions_check(base, steps)
end

-- What the fitting steps come to, as arguments of variadic commands.
local function commit_gather(base, steps, version)
    local all = { versions = {}, records = {}, wakes = {}, quiet = {}, facts = {}, outbox = {},
        acks = {} }
    for i, step in ipairs(steps) do
        all.versions[i] = 0
        if step.fits then
            version = version + 1
            all.versions[i] = version
            if step.id ~= '' then
                all.records[#all.records + 1] = base .. 'case:' .. step.id
                all.records[#all.records + 1] = whole(version) .. ';' .. step.record
            end
            if step.id ~= '' and step.wake ~= '' then
                all.wakes[#all.wakes + 1] = step.wake
                all.wakes[#all.wakes + 1] = step.id
            elseif step.id ~= '' then
                all.quiet[#all.quiet + 1] = step.id
            end
            if step.facts ~= '' then
                all.facts[#all.facts + 1] = step.facts
            end
            if step.outbox ~= '' then
                all.outbox[#all.outbox + 1] = step.outbox
            end
            for _, position in ipairs(step.acks) do
                all.acks[#all.acks + 1] = position
            end
        end
    end
    return all
end

-- KEYS: a partition's base. ARGV: owner, then for each step: case id ('' none), expected
-- version, record, wake ms ('' none), '1' to release the claim, facts, outbox items, number of
-- acknowledged positions, those positions. Answers the new versions, 0 for a step that did not fit.
local function commit(keys, args)
    local base = keys[1]
    local steps = steps_read(args)
    if not steps then
        return argument_error('the steps of a commit are malformed')
    end
    local wrong = commit_check(base, steps)
    if wrong then
        return wrong
    end
    local fitting = 0
    for _, step in ipairs(steps) do
        fitting = fitting + (step.fits and 1 or 0)
    end
    local released = releases_find(base, args[1], steps)
    local newest = tonumber(redis.call('INCRBY', base .. 'version', fitting))
    local all = commit_gather(base, steps, newest - fitting)
    if #all.records > 0 then
        redis.call('MSET', unpack(all.records))
    end
    call_all('ZADD', base .. 'timers', all.wakes)
    call_all('ZREM', base .. 'timers', all.quiet)
    call_all('ZREM', base .. 'claims', released)
    call_all('HDEL', base .. 'claimed', released)
    journal_write(base, all.facts)
    if #all.outbox > 0 then
        local entry = '[' .. table.concat(all.outbox, ',') .. ']'
        redis.call('XADD', base .. 'outbox', '*', 'ce', entry)
    end
    ack_all(base .. 'events', all.acks)
    journal_trim(base, newest - fitting, newest)
    return all.versions
end

-- The found ones that have a record, those records, and the ids of those that have none: there is
-- nothing such a timer could wake.
local function records_read(base, found)
    local keys, kept, values, orphans = {}, {}, {}, {}
    for i, one in ipairs(found) do
        keys[i] = base .. 'case:' .. one[1]
    end
    if #keys == 0 then
        return kept, values, orphans
    end
    for i, value in ipairs(redis.call('MGET', unpack(keys))) do
        if value then
            kept[#kept + 1] = found[i]
            values[#values + 1] = value
        else
            orphans[#orphans + 1] = found[i][1]
        end
    end
    return kept, values, orphans
end

-- KEYS: a partition's base. ARGV: now ms, max, '1' when only an idle partition may be claimed
-- from, the claimer (claimer_read). Answers {1 when claims were looked at, next score or '',
-- {case, score, value or nil, ...}}.
local function claim(keys, args)
    local base, now, max = keys[1], args[1], tonumber(args[2])
    local names = timer_names(base)
    local wrong = claim_types(names) or wrong_type(base .. 'events', 'stream')
    if wrong then
        return wrong
    end
    if args[3] == '1' and redis.call('XLEN', base .. 'events') > 0 then
        return { 0, next_score(names.waiting), {} }
    end
    local who = claimer_read(args, 4)
    local found, known = claim_find(names, who, now, max)
    local kept, values, orphans = records_read(base, found)
    claim_write(names, who, kept, known)
    call_all('ZREM', names.waiting, orphans)
    call_all('ZREM', names.claims, orphans)
    call_all('HDEL', names.claimed, orphans)
    local due = {}
    for i, one in ipairs(kept) do
        due[#due + 1] = one[1]
        due[#due + 1] = one[2]
        due[#due + 1] = values[i]
    end
    return { 1, next_score(names.waiting), due }
end
