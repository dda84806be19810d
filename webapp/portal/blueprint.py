from flask import Blueprint

from webapp.portal.words import limit_words, name_of, pick

blueprint = Blueprint("portal", __name__)

# Names in the reader's language, for every room's templates.
for _word in (pick, name_of, limit_words):
    blueprint.add_app_template_global(_word)
blueprint.add_app_template_filter(name_of)
