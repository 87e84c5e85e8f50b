"""Finding lectures: what is looked through, how it is kept, and what a person is shown.

`folding`, `grams`, `initials`, `marking` and `counting` are pure. `fields` and `facets` declare
what can be found and narrowed down; `indexing` keeps the index in step with the library,
`searching` answers, and `results` puts the answer into words. docs/search.md tells the whole.
"""
