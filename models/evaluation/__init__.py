"""How good answers are, in the measures of the field. Knows no model: answers and references in, figures out."""
