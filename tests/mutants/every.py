"""All mutants: what `sh packaging/run mutants` runs and tests/architecture holds against the code."""

from typing import Final

from tests.mutants.at_the_doors import DOORS
from tests.mutants.in_the_codes import CODES
from tests.mutants.in_the_log import LINES
from tests.mutants.in_the_office import OFFICE
from tests.mutants.in_the_plan import PLAN
from tests.mutants.in_the_profile import PROFILE
from tests.mutants.mutant import Mutant
from tests.mutants.on_the_device import DEVICE
from tests.mutants.on_the_server import SERVER

EVERY: Final[tuple[Mutant, ...]] = (*DEVICE, *SERVER, *DOORS, *LINES, *OFFICE, *PLAN, *PROFILE, *CODES)
