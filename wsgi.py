"""Builds the application: the only file that knows both packages."""

import assessors
import course
from course.setting_up import with_sample_keys
from course.settings import Settings

app = course.create_app(with_sample_keys(Settings.from_environment()), extensions=[assessors])
