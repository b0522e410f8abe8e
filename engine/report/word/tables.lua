-- Run by pandoc when it writes Word: columns as wide as `widths` says (a list a table, shares of the line),
-- and the line before a table as its title, which stays with it.
function Pandoc(doc)
  local shown, count = {}, 0
  for i, block in ipairs(doc.blocks) do
    local after = doc.blocks[i + 1]
    if block.t == "Table" then
      count = count + 1
      for j, share in ipairs(widths[count] or {}) do
        local column = block.colspecs[j]
        if column then block.colspecs[j] = {column[1], share} end
      end
    elseif block.t == "Para" and after and after.t == "Table" then
      block = pandoc.Div({block}, pandoc.Attr("", {}, {["custom-style"] = "Table Title"}))
    end
    shown[i] = block
  end
  doc.blocks = shown
  return doc
end
